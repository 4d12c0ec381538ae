/** Dumps and images are read whole; what is longer than this is no description of a system (a large one has 200 MB). */
export const MAX_DUMP_BYTES = 1024 * 1024 * 1024;
export const MAX_IMAGE_BYTES = 1024 * 1024 * 1024;
