import { Failure } from '../failure.ts';

/** A program that would not run from a bundle as it does from its sources; the message says why. */
export class Unbundleable extends Failure {}
