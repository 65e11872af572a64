/**
 * For each connection to a host: how long one of its addresses has to answer. Node gives 250 ms: from far away, none of them does in
 * time, and one that leads nowhere is first. A page opens many connections one after another, and each waits as long for such a one.
 */
export const addressPatience = { autoSelectFamilyAttemptTimeout: 1000 };

/** Of what is sent once, for nobody who waits: a packet may be lost. */
export const longPatience = { autoSelectFamilyAttemptTimeout: 3000 };
