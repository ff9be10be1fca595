// Filled in by build.mjs: the hashed addresses of what code cannot import.
declare const WORKER_URL: string; // src/worker/index.ts, an iife
declare const SPRITE_URL: string; // icons; icons.ts knows its use

// Set by text-<language>.js, which the page loads first. text.ts knows its use.
declare var SENTENCES: Readonly<Record<string, string>> | undefined
