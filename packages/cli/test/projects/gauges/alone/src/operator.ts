import { operator } from 'setpoint';
import { gauge } from '../../versions.ts';

export default operator({ name: 'gauges', kinds: [gauge('v1')] });
