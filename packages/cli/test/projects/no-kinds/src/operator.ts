import { operator } from 'setpoint';

export default operator({ name: 'bare' });
