// barCount is the number of bars in the picture of a sound.
export const barCount = 110
