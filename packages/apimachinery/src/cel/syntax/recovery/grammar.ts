import { buildNetwork, type Network, type NetworkBuilder, type Part } from './network.ts';

/** `first (',' again)*`. */
const commaSeparated = (b: NetworkBuilder, predict: boolean, item: () => Part): Part =>
  b.sequence(item(), b.star(predict, b.sequence(b.tokens("','"), item())));

const bracketed = (b: NetworkBuilder, open: "'['" | "'{'", close: "']'" | "'}'", list: string): Part[] => [
  b.tokens(open),
  b.optional(b.rule(list)),
  b.optional(b.tokens("','")),
  b.tokens(close),
];

const entry = (b: NetworkBuilder, key: string) => (): Part => b.sequence(b.rule(key), b.tokens("':'"), b.rule('expr'));

const callArguments = (b: NetworkBuilder): Part[] => [b.tokens("'('"), b.optional(b.rule('exprList')), b.tokens("')'")];

/** The grammar of CEL as cel-spec gives it, in the order of its alternatives. */
export const celNetwork = (): Network =>
  buildNetwork({
    start: { part: (b) => b.sequence(b.rule('expr'), b.tokens('EOF')) },
    expr: {
      part: (b) =>
        b.sequence(
          b.rule('conditionalOr'),
          b.optional(b.sequence(b.tokens("'?'"), b.rule('conditionalOr'), b.tokens("':'"), b.rule('expr'))),
        ),
    },
    conditionalOr: {
      part: (b) =>
        b.sequence(b.rule('conditionalAnd'), b.star(false, b.sequence(b.tokens("'||'"), b.rule('conditionalAnd')))),
    },
    conditionalAnd: {
      part: (b) => b.sequence(b.rule('relation'), b.star(false, b.sequence(b.tokens("'&&'"), b.rule('relation')))),
    },
    relation: {
      recursive: true,
      part: (b) => {
        const operator = b.tokens("'<'", "'<='", "'>='", "'>'", "'=='", "'!='", "'in'");
        return b.sequence(b.rule('calc'), b.star(true, b.sequence(b.precedence(1), operator, b.rule('relation', 2))));
      },
    },
    calc: {
      recursive: true,
      part: (b) =>
        b.sequence(
          b.rule('unary'),
          b.star(
            true,
            b.sequence(b.precedence(2), b.tokens("'*'", "'/'", "'%'"), b.rule('calc', 3)),
            b.sequence(b.precedence(1), b.tokens("'+'", "'-'"), b.rule('calc', 2)),
          ),
        ),
    },
    unary: {
      part: (b) =>
        b.choice(
          true,
          b.rule('member'),
          b.sequence(b.plus(false, b.tokens("'!'")), b.rule('member')),
          b.sequence(b.plus(true, b.tokens("'-'")), b.rule('member')),
        ),
    },
    member: {
      recursive: true,
      part: (b) => {
        const optional = () => b.optional(b.tokens("'?'"));
        return b.sequence(
          b.rule('primary'),
          b.star(
            true,
            b.sequence(b.precedence(3), b.tokens("'.'"), optional(), b.rule('escapeIdent')),
            b.sequence(b.precedence(2), b.tokens("'.'"), b.tokens('IDENTIFIER'), ...callArguments(b)),
            b.sequence(b.precedence(1), b.tokens("'['"), optional(), b.rule('expr'), b.tokens("']'")),
          ),
        );
      },
    },
    primary: {
      part: (b) => {
        const dot = () => b.optional(b.tokens("'.'"));
        const name = () => b.tokens('IDENTIFIER');
        return b.choice(
          true,
          b.sequence(dot(), name()),
          b.sequence(dot(), name(), ...callArguments(b)),
          b.sequence(b.tokens("'('"), b.rule('expr'), b.tokens("')'")),
          b.sequence(...bracketed(b, "'['", "']'", 'listInit')),
          b.sequence(...bracketed(b, "'{'", "'}'", 'mapInitializerList')),
          b.sequence(
            dot(),
            name(),
            b.star(false, b.sequence(b.tokens("'.'"), name())),
            ...bracketed(b, "'{'", "'}'", 'fieldInitializerList'),
          ),
          b.rule('literal'),
        );
      },
    },
    exprList: { part: (b) => commaSeparated(b, false, () => b.rule('expr')) },
    listInit: { part: (b) => commaSeparated(b, true, () => b.rule('optExpr')) },
    fieldInitializerList: { part: (b) => commaSeparated(b, true, entry(b, 'optField')) },
    optField: { part: (b) => b.sequence(b.optional(b.tokens("'?'")), b.rule('escapeIdent')) },
    mapInitializerList: { part: (b) => commaSeparated(b, true, entry(b, 'optExpr')) },
    escapeIdent: { part: (b) => b.choice(false, b.tokens('IDENTIFIER'), b.tokens('ESC_IDENTIFIER')) },
    optExpr: { part: (b) => b.sequence(b.optional(b.tokens("'?'")), b.rule('expr')) },
    literal: {
      part: (b) => {
        const sign = () => b.optional(b.tokens("'-'"));
        return b.choice(
          true,
          b.sequence(sign(), b.tokens('NUM_INT')),
          b.tokens('NUM_UINT'),
          b.sequence(sign(), b.tokens('NUM_FLOAT')),
          b.tokens('STRING'),
          b.tokens('BYTES'),
          b.tokens("'true'"),
          b.tokens("'false'"),
          b.tokens("'null'"),
        );
      },
    },
  });
