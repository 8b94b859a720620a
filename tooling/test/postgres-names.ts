/** Names shared by the server of a test run (postgres-server.ts), its set-up and the tests. */

/** Environment variable with the URL of the run's server; child processes of tests inherit it. */
export const DATABASE_URL = 'TCC_TEST_DATABASE_URL';
export const TEMPLATE = 'tcc_template';
