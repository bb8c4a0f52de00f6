export { type AdmissionEnvironment, admit } from './admission.ts';
export { FileCertificates } from './certificate-files.ts';
export { type AnsweredConversion, convertObject, convertReview } from './conversion.ts';
export { WebhookHost, type WebhookHostOptions } from './host.ts';
export { type AnsweredReview, BadReview } from './review.ts';
export { createRouter, type Router, type RouterOptions, type WebhookRequest, type WebhookResponse } from './router.ts';
