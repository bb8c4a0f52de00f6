import { defineCrd, operator } from 'setpoint';
import { gauge } from '../../versions.ts';

const v1 = gauge('v1');

export default operator({ name: 'gauges', crds: [defineCrd({ storage: v1, versions: [v1, gauge('v1alpha1')] })] });
