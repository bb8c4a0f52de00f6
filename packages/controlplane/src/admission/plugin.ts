import type { AdmissionAttributes, AdmissionOperation } from '../verbs/index.ts';

/** What a plugin is about; nothing of it depends on the object, so that it is asked once a kind of request. */
export interface AdmissionSubject {
  readonly group: string;
  readonly resource: string;
  readonly namespaced: boolean;
  readonly subresource: string;
  readonly operation: AdmissionOperation;
}

/**
 * One admission plugin under kube-apiserver's name. Both phases refuse by throwing (or rejecting with) a StatusError
 * and answer undefined where nothing has to be waited for.
 */
export interface AdmissionPlugin {
  readonly name: string;
  handles(subject: AdmissionSubject): boolean;
  /** The mutating phase. */
  admit?(attributes: AdmissionAttributes): Promise<void> | undefined;
  /** The validating phase. */
  validate?(attributes: AdmissionAttributes): Promise<void> | undefined;
}
