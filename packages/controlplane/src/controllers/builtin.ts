import { clusterRoleAggregation } from './clusterrole-aggregation/index.ts';
import { cronJobController } from './cronjob/index.ts';
import { daemonSetController } from './daemonset/index.ts';
import { deploymentController } from './deployment/index.ts';
import { disruptionController } from './disruption/index.ts';
import { endpointSliceController, endpointsController } from './endpoints/index.ts';
import { garbageCollector } from './garbage-collector/index.ts';
import type { Controller } from './host/index.ts';
import { jobController, ttlAfterFinishedController } from './job/index.ts';
import { namespaceController } from './namespace/index.ts';
import { type Logs, type PodRules, podSimulator } from './pod-simulator/index.ts';
import { type CheckPolicyTypes, policyStatusController } from './policy-status/index.ts';
import { replicaSetController, replicationControllerController } from './replicaset/index.ts';
import { resourceQuotaController } from './resource-quota/index.ts';
import {
  rootCertificatePublisher,
  type SecretTokens,
  secretTokenController,
  serviceAccountController,
} from './service-accounts/index.ts';
import { statefulSetController } from './statefulset/index.ts';
import { claimProtection, volumeBinder, volumeProtection, volumeProvisioner } from './volumes/index.ts';

/** What controllers need of the server that they run in, beyond its store. */
export interface ControllerDependencies {
  /** The authority behind the certificate of the server, PEM. */
  rootCertificate(): string;
  /** Without it Secrets for tokens stay as they are. */
  readonly issueSecretToken?: SecretTokens['issue'];
  /** What becomes of simulated pods, and what they write. */
  /** Without it policies have no status. */
  readonly checkPolicyTypes?: CheckPolicyTypes;
  readonly podRules: PodRules;
  readonly podLogs: Logs;
}

/** All controllers that there are, in the order in which they start. */
export function builtinControllers(dependencies: ControllerDependencies): readonly Controller[] {
  const { rootCertificate, issueSecretToken: issue, checkPolicyTypes, podRules, podLogs } = dependencies;
  return [
    garbageCollector,
    namespaceController,
    serviceAccountController,
    ...(issue ? [secretTokenController({ rootCertificate, issue })] : []),
    rootCertificatePublisher(rootCertificate),
    clusterRoleAggregation,
    resourceQuotaController,
    endpointsController,
    endpointSliceController,
    volumeBinder,
    volumeProvisioner,
    claimProtection,
    volumeProtection,
    replicaSetController,
    replicationControllerController,
    deploymentController,
    statefulSetController,
    daemonSetController,
    jobController,
    ttlAfterFinishedController,
    cronJobController,
    disruptionController,
    ...(checkPolicyTypes ? [policyStatusController(checkPolicyTypes)] : []),
    podSimulator(podRules, podLogs),
  ];
}
