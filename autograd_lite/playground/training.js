/* Training: a step of one batch, and epochs of them, as `fit` runs them. */

/** Return the rows of the next batch; an epoch begins with a shuffle where there are batches. */
function nextBatch() {
  const { batch } = state.fit, { train, rng } = session;
  if (session.order === null) {
    session.order = [...Array(train.count).keys()];
    if (batch !== null) rng.shuffle(session.order);
    Object.assign(session, { at: 0, sum: 0 });
  }
  return batch === null ? session.order : session.order.slice(session.at, session.at + batch);
}

/** Move the parameters by their gradients; false, and none moves, where a number is not finite. */
function move() {
  const { net, memory } = session, { fit } = state, before = net.parameters.slice();
  const kept = memory.map((column) => column.slice());
  if (!net.gradients.every(Number.isFinite)) return false;
  FORMULAS.optimizers[fit.optimizer].move(net.parameters, net.gradients, memory, { ...fit, steps: session.steps });
  if (!net.parameters.every(Number.isFinite)) {
    net.parameters.set(before);
    memory.forEach((column, i) => column.set(kept[i]));
    return false;
  }
  session.steps += 1;
  return true;
}

/** Take one step; return whether an epoch ended with it. */
function step() {
  const batch = nextBatch(), { net, train } = session;
  const loss = run(net, state.fit.loss, train, batch, true);
  if (!move()) {
    session.trouble = Number.isFinite(session.history.loss[0]) ? "diverged" : "data_large";
    return false;
  }
  session.sum += loss * batch.length;
  session.at += batch.length;
  if (session.at < train.count) return false;
  session.order = null;
  session.epoch += 1;
  session.calls.at(-1).epochs += 1;
  session.history.loss.push(session.sum / train.count);
  session.history.held.push(session.held ? lossOver(session.held) : NaN);
  keepEpoch();
  return true;
}

/** Run the rest of an epoch; false where training cannot go on. */
function epoch() {
  while (!step()) if (session.trouble) return false;
  return true;
}
