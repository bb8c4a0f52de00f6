throw new Error('the licence has expired', { cause: new Error('it is 2031') });
