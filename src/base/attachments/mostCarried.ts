/** Attachments of one message. */
export const MOST_CARRIED = 20;
