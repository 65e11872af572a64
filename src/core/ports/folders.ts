/**
 * What a folder is on the disk: absolute, links resolved, spelled as the disk spells it. One that cannot be looked at is
 * what it was called, without a trailing separator.
 */
export type RealFolder = (folder: string) => string;
