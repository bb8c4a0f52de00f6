const t0=performance.now();
const { createControlPlane } = await import('@setpoint/controlplane');
const t1=performance.now();
const cp = createControlPlane({});
const t2=performance.now();
const a = await cp.handle({method:'GET',url:'/api/v1/namespaces/default',headers:{},body:new Uint8Array(),signal:new AbortController().signal,user:{name:'admin',groups:['system:masters']}});
const t3=performance.now();
console.log('import',(t1-t0).toFixed(1),'create',(t2-t1).toFixed(1),'handle',(t3-t2).toFixed(1),'start',(t3-t1).toFixed(1));
await cp.close();
