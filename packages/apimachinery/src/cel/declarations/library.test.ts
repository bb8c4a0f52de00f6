import { describe, expect, it } from 'vitest';
import { intType, listType, mapType, opaqueType, stringType, typeParameter } from '../types/index.ts';
import { kubernetesLibraries, type Library, libraryFunctions, parseType } from './index.ts';

describe('signatures', () => {
  it('name simple and generic types, those of Kubernetes and type parameters', () => {
    expect(parseType('map(string, list(T))')).toEqual(mapType(stringType, listType(typeParameter('T'))));
    expect(parseType('net.IP')).toEqual(opaqueType('net.IP'));
    expect(() => parseType('nothing')).toThrow('no type is called nothing');
  });

  it('tell functions from member functions, whose target is the first argument', () => {
    const library: Library = {
      name: 'test',
      types: [],
      macros: [],
      functions: `
  f f_int (int, map(string, int)) -> int
  f string_f string.(int) -> list(int)
`,
    };
    expect(libraryFunctions([library]).get('f')?.overloads).toEqual([
      { id: 'f_int', member: false, args: [intType, mapType(stringType, intType)], result: intType },
      { id: 'string_f', member: true, args: [stringType, intType], result: listType(intType) },
    ]);
  });

  it('of one name are tried in the order of the libraries', () => {
    const functions = libraryFunctions(kubernetesLibraries);
    expect(functions.get('indexOf')?.overloads.map((overload) => overload.id)).toEqual([
      'list_a_index_of_int',
      'string_index_of_string',
      'string_index_of_string_int',
    ]);
    expect(functions.has('jsonpatch.escapeKey')).toBe(false);
  });
});
