import type { Constant, Expr } from '@setpoint/apimachinery/cel';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const literalText = (value: Constant): string => {
  switch (value.kind) {
    case 'null':
      return 'null';
    case 'double': {
      const view = new DataView(new ArrayBuffer(8));
      view.setFloat64(0, value.value);
      return `double:${view.getBigUint64(0).toString(16)}`;
    }
    case 'bytes':
      return `bytes:${hex(value.value)}`;
    case 'string':
      return `string:${hex(Buffer.from(value.value))}`;
    default:
      return `${value.kind}:${value.value}`;
  }
};

/** A tree with its ids as the Go program writes it. */
export const treeText = (expr: Expr): string => {
  const head = (kind: string, ...parts: string[]) => `${kind}#${expr.id}(${parts.join(' ')})`;
  switch (expr.kind) {
    case 'literal':
      return head('literal', literalText(expr.value));
    case 'ident':
      return head('ident', expr.name);
    case 'select':
      return head(expr.testOnly ? 'test' : 'select', treeText(expr.operand), expr.field);
    case 'call': {
      const target = expr.target === undefined ? [] : ['target', treeText(expr.target)];
      return head('call', expr.function, ...target, ...expr.args.map(treeText));
    }
    case 'list': {
      const optional = (i: number) => (expr.optionalIndices.includes(i) ? ['?'] : []);
      return head('list', ...expr.elements.flatMap((element, i) => [...optional(i), treeText(element)]));
    }
    case 'map': {
      const parts = expr.entries.flatMap((e) => [`${e.id}:${e.optional}`, treeText(e.key), treeText(e.value)]);
      return head('map', ...parts);
    }
    case 'struct': {
      const parts = expr.fields.flatMap((f) => [`${f.id}:${f.optional}:${f.name}`, treeText(f.value)]);
      return head('struct', expr.typeName, ...parts);
    }
    case 'comprehension': {
      const parts = [expr.range, expr.accuInit, expr.condition, expr.step, expr.result].map(treeText);
      return head('fold', expr.iterVar, expr.iterVar2, expr.accuVar, ...parts);
    }
    default:
      return head('unspecified');
  }
};
