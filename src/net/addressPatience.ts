/**
 * For each connection to a host: how long one of its addresses has to answer. Node gives 250 ms: from far away, none of them does in
 * time, and one that leads nowhere is first.
 */
export const addressPatience = { autoSelectFamilyAttemptTimeout: 3000 };
