// Stands for an operator; says what it was called with.
export default {
  name: 'recording',
  kinds: [],
  controllers: [],
  main: async (argv: readonly string[]) => console.log(JSON.stringify(argv)),
};
