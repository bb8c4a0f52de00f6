export { type Envelope, openEnvelope, readEnvelope } from './envelope.ts';
export { ProtobufError } from './reader.ts';
