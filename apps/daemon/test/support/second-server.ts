/** Another TrueConf Server beside the one of the stage: a world of its own, with its own users and tokens. */
import type { Scene } from '../../../../tooling/scene/scene.ts';

export interface SecondServer {
  readonly trueconf: string;
  readonly control: string;
}

export function startSecondServer(scene: Scene): Promise<SecondServer> {
  return new Promise((resolve, reject) => {
    const child = scene.processes.start({
      name: 'second TrueConf Server',
      entry: 'apps/fake-exchange/src/main.ts',
      args: ['--trueconf-port', '0', '--control-port', '0', '--mailboxes', '5', '--seed', '7', '--json'],
      onLine: (line) => {
        if (line.startsWith('{"ready"')) resolve(JSON.parse(line) as SecondServer);
      },
    });
    child.once('exit', () => reject(new Error('the second TrueConf Server ended at once')));
  });
}
