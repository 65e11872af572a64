/** What phones are stored under, where a chat network has its own name. */
export const PHONES = "phone";
