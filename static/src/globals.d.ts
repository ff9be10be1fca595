// Filled in by build.mjs: the hashed addresses of files that code cannot import.
declare const WORKER_URL: string; // worker/main.ts, an iife
declare const MEASURE_URL: string; // speech/measure.ts, an iife
declare const MICROPHONE_URL: string; // prompt/worklet.ts, an iife
declare const SPRITE_URL: string; // icons; ui/icons.ts knows its use

// Set by text-<language>.js, which the page loads first. text/say.ts knows its use.
declare var SENTENCES: Readonly<Record<string, string>> | undefined
