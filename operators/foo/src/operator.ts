import { operator } from 'setpoint';
import { fooController } from './controllers/foo.ts';

export default operator({ name: 'foo-operator', controllers: [fooController] });
