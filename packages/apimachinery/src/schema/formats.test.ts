import { describe, expect, it } from 'vitest';
import { effectiveFormat, validate } from './index.ts';

/** Which texts a 1.36 kube-apiserver took for a string of this format, and which it refused. */
const judged: readonly (readonly [format: string, taken: readonly string[], refused: readonly string[]])[] = [
  ['bsonobjectid', ['507f1f77bcf86cd799439011'], ['x', '507f1f77bcf86cd79943901z']],
  [
    'uri',
    [
      'http://a.b/c',
      '/a/b',
      'http://',
      'http:opaque',
      '*',
      'mailto:x@y',
      'http://[::1]:80/',
      'http://u:p@h/',
      '//h/p',
      'http://h?x y',
    ],
    ['a/b', 'http://a b/', 'http://a/%zz', '://x', 'http://a:b/', '1http://x', 'http://ex%41mple'],
  ],
  [
    'email',
    ['a@b.c', 'Foo <a@b.c>', '"a b"@c.d', 'a@b', '<a@b.c>', 'a@b.c ', ' a@b', 'a@[127.0.0.1]', 'é@x.y'],
    ['a', 'a@', '@b', 'a b@c.d', 'a..b@c.d', 'a.@b.c', 'a@b..c'],
  ],
  [
    'hostname',
    ['a.b.com', 'localhost', '1a', '☃.net', 'FOO.com'],
    [
      '-a.com',
      'a_b',
      'a.b.c1',
      'x'.repeat(64),
      'a-.com',
      'a..com',
      'a.c',
      'foo.bar.',
      '127.0.0.1',
      'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.com',
    ],
  ],
  ['ipv4', ['1.2.3.4', '01.2.3.4', '::ffff:1.2.3.4'], ['1.2.3', '1.2.3.256', '::1', '1.2.3.4.5', 'a']],
  [
    'ipv6',
    ['::1', '::ffff:1.2.3.4', '1:2:3:4:5:6:7:8', '::', '1:2:3:4:5:6:7::', '1:2:3:4:5:6:1.2.3.4'],
    ['1.2.3.4', 'fe80::1%eth0', '1:2:3:4:5:6:7', '1::2::3', '12345::', '::1:2:3:4:5:6:7:8'],
  ],
  ['cidr', ['1.2.3.4/24', '::1/128', '01.2.3.4/8', '1.2.3.4/08'], ['1.2.3.4', '1.2.3.4/33', '::1/129', '1.2.3.4/a']],
  [
    'mac',
    [
      '01:23:45:67:89:ab',
      '01-23-45-67-89-ab',
      '0123.4567.89ab',
      '0123456789ab',
      '01:23:45:67:89:ab:cd:ef',
      '0123.4567.89ab.cdef',
    ],
    ['01:23:45:67:89', '01:23-45:67:89:ab'],
  ],
  ['uuid', ['6ba7b810-9dad-11d1-80b4-00c04fd430c8', '6BA7B8109DAD11D180B400C04FD430C8'], ['x']],
  ['uuid3', ['6ba7b810-9dad-31d1-80b4-00c04fd430c8'], ['6ba7b810-9dad-11d1-80b4-00c04fd430c8']],
  ['uuid4', ['6ba7b810-9dad-41d1-80b4-00c04fd430c8'], ['6ba7b810-9dad-41d1-70b4-00c04fd430c8']],
  ['uuid5', ['6ba7b810-9dad-51d1-80b4-00c04fd430c8'], ['6ba7b810-9dad-41d1-80b4-00c04fd430c8']],
  ['isbn', ['0321751043', '978-0321751041'], ['978-0321751042', 'x']],
  ['isbn10', ['0321751043', '0-8044-2957-X'], ['0321751044']],
  ['isbn13', ['978-0321751041'], ['0321751043']],
  ['creditcard', ['4111-1111-1111-1111', '378282246310005'], ['4111 1111 1111 1112', 'x']],
  ['ssn', ['111-22-3333', '111 22 3333'], ['111223333', '1']],
  ['hexcolor', ['#fff', 'fff', '#FFFFFF'], ['#ggg', '#ffff']],
  ['rgbcolor', ['rgb(1,2,3)', 'rgb( 255 , 255 , 255 )'], ['rgb(256,1,1)', 'rgb(01,1,1)', 'RGB(1,1,1)']],
  ['byte', ['YWJj', 'YQ==', 'YWI='], ['YQ=', '', 'Y', '____']],
  ['password', ['x', ''], []],
  [
    'date',
    ['2020-01-01', '2020-02-29', '0000-01-01'],
    ['2020-02-30', '2020-1-1', '2021-02-29', '20-01-01', '2020-13-01'],
  ],
  [
    'duration',
    ['1h', '1 day', '3w', '1.5h', '0', '1h30m', '-1s', '+2s', '2 weeks', '10 µs', '1hours', '1.5 days', '.5s', '1s x'],
    ['x', '', '5', '1 x'],
  ],
  [
    'datetime',
    ['2014-12-15T19:30:20.000Z', '2014-12-15t19:30:20z', '2014-12-15T19:30:20+02:00', '2014-12-15T19:30:20,5Z'],
    ['2014-12-15 19:30:20Z', '2014-12-15T24:00:00Z', '2014-12-15T19:30:20', '2014-12-15', '2014-12-15T19:30:60Z'],
  ],
  ['date-time', ['2014-12-15T19:30:20.000Z'], ['x']],
  ['k8s-short-name', ['a-b'], ['-a', 'A', 'a.b', 'a'.repeat(64)]],
  ['k8s-long-name', ['a.b'], ['a..b', '.a', 'A.b', 'a-.b', 'a'.repeat(254)]],
  ['foo', ['anything'], []],
  ['int32', ['x'], []],
  ['binary', ['x'], []],
];

describe('formats of strings', () => {
  it.each(judged)('%s: takes and refuses what the server does', (format, taken, refused) => {
    const isTaken = (text: string) => validate(text, { type: 'string', format }).length === 0;
    expect(taken.filter((text) => !isTaken(text))).toEqual([]);
    expect(refused.filter(isTaken)).toEqual([]);
  });

  it('names the format where the type would stand', () => {
    const schema = { type: 'object', properties: { ip: { type: 'string', format: 'ipv4' } } };
    expect(validate({ ip: 'x' }, schema).map(String)).toEqual([
      'ip: Invalid value: "x": ip in body must be of type ipv4: "x"',
    ]);
  });

  it('ignores formats that the server does not know, or that belong to another type', () => {
    expect(effectiveFormat({ type: 'string', format: 'int32' })).toBe('');
    expect(effectiveFormat({ type: 'integer', format: 'date' })).toBe('');
    expect(effectiveFormat({ type: 'integer', format: 'int32' })).toBe('int32');
    expect(effectiveFormat({ type: 'string', format: 'date-time' })).toBe('date-time');
  });
});
