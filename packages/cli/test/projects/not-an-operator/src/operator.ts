export default { name: 'almost' };
