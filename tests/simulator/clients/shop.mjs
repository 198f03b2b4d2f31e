// A newsroom run by stripe-node: `node shop.mjs ADDRESS PART` does one part and prints what came of it as JSON.
import http from 'node:http';
import Stripe from 'stripe';

const [address, part] = process.argv.slice(2);
const { hostname, port } = new URL(address);
const connect = (key) =>
  new Stripe(key, { host: hostname, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
const stripe = connect('sk_test_from_node');

const door = async (path, body) => {
  const answer = await fetch(`${address}/_sim/${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
};

const refused = async (call) => {
  try {
    await call();
  } catch (error) {
    return { class: error.constructor.name, status: error.statusCode, code: error.code, param: error.param };
  }
  return null;
};

const subscribed = async () => {
  const customer = await stripe.customers.create({ email: 'ada@example.org', metadata: { pledge: 'p1' } });
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    customer: customer.id,
    line_items: [
      {
        price_data: {
          currency: 'eur',
          unit_amount: 500,
          recurring: { interval: 'month' },
          product_data: { name: 'Support' },
        },
        quantity: 1,
      },
    ],
    success_url: 'https://newsroom.example/thanks',
  });
  await door(`checkout/${session.id}/pay`, { card: '4242424242424242', email: 'ada@example.org' });
  return { customer, session };
};

const parts = {
  async life() {
    const { customer, session } = await subscribed();
    const paid = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ['subscription.latest_invoice.payments'],
    });
    const subscription = paid.subscription;
    const ending = await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
    const ended = await stripe.subscriptions.cancel(subscription.id);
    const charges = await stripe.charges.list({ customer: customer.id });
    const refund = await stripe.refunds.create({ charge: charges.data[0].id, amount: 200 });
    return {
      apiVersion: paid.lastResponse.apiVersion,
      requestId: paid.lastResponse.requestId,
      status: [session.status, paid.status, paid.payment_status],
      invoice: [subscription.latest_invoice.status, subscription.latest_invoice.amount_paid],
      payments: subscription.latest_invoice.payments.data.length,
      ending: ending.cancel_at_period_end,
      ended: ended.status,
      refund: [refund.status, refund.amount],
      metadata: (await stripe.customers.retrieve(customer.id)).metadata,
    };
  },

  async pages() {
    const made = [];
    for (let number = 0; number < 7; number += 1) {
      made.push((await stripe.customers.create({ name: `Reader ${number}` })).id);
    }
    const seen = [];
    for await (const customer of stripe.customers.list({ limit: 3 })) seen.push(customer.id);
    const back = await stripe.customers.list({ limit: 3, ending_before: made[0] });
    return { made, seen, back: back.data.map((one) => one.id), more: back.has_more };
  },

  async errors() {
    const card = { amount: 500, currency: 'usd', confirm: true, payment_method: 'pm_card_chargeDeclined' };
    await stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'node-1' });
    return {
      unknown: await refused(() => stripe.customers.create({ nam: 'Ada' })),
      missing: await refused(() => stripe.customers.retrieve('cus_nobody')),
      declined: await refused(() => stripe.paymentIntents.create(card)),
      key: await refused(() => connect('sk_wrong').customers.list()),
      reused: await refused(() => stripe.customers.create({ name: 'Ben' }, { idempotencyKey: 'node-1' })),
    };
  },

  async idempotency() {
    const first = await stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'node-2' });
    const second = await stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'node-2' });
    const { data } = await stripe.customers.list();
    return { first: first.id, second: second.id, count: data.length };
  },

  async webhooks() {
    const received = [];
    const server = http.createServer((request, response) => {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        received.push([Buffer.concat(chunks), request.headers['stripe-signature']]);
        response.end();
      });
    });
    await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
    const endpoint = await stripe.webhookEndpoints.create({
      url: `http://127.0.0.1:${server.address().port}/hook`,
      enabled_events: ['*'],
    });
    await stripe.customers.create({ name: 'Ада 🌱' });
    await door('deliveries/flush', {});
    server.close();
    const [[body, signature]] = received;
    const event = stripe.webhooks.constructEvent(body, signature, endpoint.secret);
    const forged = Buffer.from(body.toString().replace('Ада', 'Бен'));
    return {
      type: event.type,
      name: event.data.object.name,
      forged: await refused(async () => stripe.webhooks.constructEvent(forged, signature, endpoint.secret)),
    };
  },
};

console.log(JSON.stringify(await parts[part]()));
