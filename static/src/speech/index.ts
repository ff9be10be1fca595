// Speech and sound: what a session's turns sound like.

export { Jukebox, trackOf } from "./jukebox"
export { Strip, type Sound } from "./strip"
