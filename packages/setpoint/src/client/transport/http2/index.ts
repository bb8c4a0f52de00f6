export { Http2Client, type Http2ClientOptions, HttpOneOnly } from './client.ts';
