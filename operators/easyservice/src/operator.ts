import { operator } from 'setpoint';
import { easyServiceController } from './controllers/easyservice.ts';

export default operator({ name: 'easyservice', controllers: [easyServiceController] });
