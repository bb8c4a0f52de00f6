import { createControlPlane } from '@setpoint/controlplane';
const cp = createControlPlane({}); const w=[],c=[];
for (let i=0;i<200;i++){const b=process.cpuUsage(),t=performance.now();cp.reset();w.push(performance.now()-t);const {user,system}=process.cpuUsage(b);c.push((user+system)/1000);await new Promise(r=>setTimeout(r,1));}
const q=a=>{a.sort((x,y)=>x-y);return `min ${a[0].toFixed(2)} med ${a[100].toFixed(2)} p95 ${a[190].toFixed(2)}`};console.log('reset wall',q(w),'cpu',q(c));await cp.close();
