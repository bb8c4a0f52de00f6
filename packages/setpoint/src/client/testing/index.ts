export {
  type FakeAnswer,
  type FakeTransport,
  FakeWatch,
  fakeTransport,
  notFound,
  type RecordedRequest,
  statusAnswer,
} from './fake-transport.ts';
