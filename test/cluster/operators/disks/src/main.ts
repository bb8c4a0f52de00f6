import operator from './operator.ts';

await operator.main();
