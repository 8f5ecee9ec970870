// Something done at a press of a button: whether it is under way, and what went wrong with it.
import { useState } from 'preact/hooks';

export interface Deed {
  isBusy: boolean;
  fault: Error | undefined;
  forget: () => void;
  /** Resolves to whether it was done. */
  start: () => Promise<boolean>;
}

export const useDeed = (run: () => Promise<unknown>): Deed => {
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<Error>();
  const start = async () => {
    setBusy(true);
    setFault(undefined);
    try {
      await run();
      return true;
    } catch (thrown) {
      setFault(thrown as Error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, fault, forget: () => setFault(undefined), start };
};
