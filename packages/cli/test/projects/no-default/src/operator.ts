export const operator = 'here';
