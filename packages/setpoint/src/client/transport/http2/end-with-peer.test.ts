import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { endWithPeer } from './connection.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a stream whose peer has ended it', () => {
  it('keeps a body that was told before its head', async () => {
    const stream = new PassThrough();
    let head = false;
    endWithPeer(stream, () => head);
    stream.end('body');
    stream.emit('readable');
    head = true;
    await turn();
    expect(String(stream.read())).toBe('body');
  });

  it('ends though nobody reads what came without a head', async () => {
    const stream = new PassThrough();
    endWithPeer(stream, () => false);
    stream.end('body');
    while (!stream.destroyed) await turn();
    expect(stream.readableEnded).toBe(true);
  });
});
