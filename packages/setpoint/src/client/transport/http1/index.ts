export { Http1Client } from './client.ts';
