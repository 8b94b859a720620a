/** Loaded into every child of the demo: when the parent is gone, the child asks itself to end. */
process.channel?.unref();
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
