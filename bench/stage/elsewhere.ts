/** Whether labs stand on engines that were named: their machines are others, whose processes and devices are not looked at from here. */
import { engines, HERE } from '../../lab/engine/docker/connection';

export const isElsewhere = (): boolean => engines()[0]!.name !== HERE;
