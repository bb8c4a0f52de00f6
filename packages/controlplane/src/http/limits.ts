/** The longest request body an API server reads. */
export const maxBodyBytes = 3 * 1024 * 1024;
