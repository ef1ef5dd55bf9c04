/** Package version and a digest of the sources; set at build time. */
declare const __APP_VERSION__: string;
