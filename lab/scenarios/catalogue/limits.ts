/** Times that scenarios hold the copy to. */

/**
 * From the loss of the guard to the last copy that is sent. What is promised is 100 ms: a program that has no core meanwhile
 * cannot look at its clock, and scenarios are played on busy machines, too.
 */
export const DETECTION_MS = 300;
/**
 * From the loss of the guard to the last response to what had been sent before: the test server sends it again, a SYN-ACK
 * after 1 s.
 */
export const IN_FLIGHT_MS = 1_200;
/** From the end of a disturbance to the next copy. */
export const RESUMPTION_MS = 2_000;
