"""Stripe's search query language, over the seven resources it finds."""

from typing import Any

import pytest
import stripe

from tests.simulator.shop import DAY, Shop


@pytest.fixture
def readers(shop: Shop) -> Shop:
    """Ada and Ben, and Cleo with no name."""
    create = shop.v1.customers.create
    metadata = {"pledge": "p1", "it's": 'a "b"'}
    create({"name": "Ada Lovelace", "email": "ada@example.org", "metadata": metadata})
    create({"name": "Ben", "email": "ben@example.net", "metadata": {"pledge": "p2"}})
    create({"email": "cleo@example.org"})
    return shop


def found(shop: Shop, query: str) -> list[str]:
    """The addresses of the customers found."""
    return [str(one.email)[:3] for one in shop.v1.customers.search({"query": query}).data]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("email:'ada@example.org'", ["ada"]),
        ('email:"ADA@example.ORG"', ["ada"]),
        ("email~'example.org'", ["cle", "ada"]),
        ("name~'love'", ["ada"]),
        ("-name~'love'", ["cle", "ben"]),
        ("name:null", ["cle"]),
        ("-name:null", ["ben", "ada"]),
        ("metadata['pledge']:'p2'", ["ben"]),
        ('metadata["pledge"]:null', ["cle"]),
        ("-metadata['pledge']:null", ["ben", "ada"]),
        ('metadata[\'it\\\'s\']:"a \\"b\\""', ["ada"]),
        ("email~'example' AND metadata['pledge']:'p1'", ["ada"]),
        ("email~'example' -name:null", ["ben", "ada"]),
        ("name:'Ben' OR name:'Ada Lovelace'", ["ben", "ada"]),
        ("name:'Ben' or name:'nobody'", ["ben"]),
        ("created>0", ["cle", "ben", "ada"]),
        ("created<=1", []),
    ],
)
def test_customers_are_found(readers: Shop, query: str, expected: list[str]) -> None:
    assert found(readers, query) == expected


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("shoe_size:'42'", "`shoe_size` is an unsupported search field for resource `customers`"),
        ("metadata:'p1'", "unsupported search field"),
        ("email['a']:'p1'", "unsupported search field"),
        ("ada", "unable to parse"),
        (" ", "unable to parse"),
        ("email:'ada", "unable to parse"),
        ("(email:'ada@example.org')", "unable to parse"),
        ("name:'a' AND name:'b' OR name:'c'", "cannot combine AND and OR"),
        ("email~'ad'", "at least 3 characters"),
        ("metadata['pledge']~'p11'", "does not support the operator `~`"),
        ("name>'a'", "does not support the operator `>`"),
        ("created:'soon'", "is numeric"),
        ("email:ada", "must be in quotes"),
        (" ".join(["name:'a'"] * 11), "at most 10 clauses"),
    ],
)
def test_what_cannot_be_searched_is_refused(readers: Shop, query: str, words: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=words) as refused:
        readers.v1.customers.search({"query": query})

    assert refused.value.param in {"query", None}


def test_results_come_in_pages(shop: Shop) -> None:
    made = [shop.v1.customers.create({"name": f"Reader {number}"}).id for number in range(5)]
    query: Any = {"query": "name~'reader'", "limit": 2, "expand": ["total_count"]}

    first = shop.v1.customers.search(query)
    walked = [one.id for one in shop.v1.customers.search(query).auto_paging_iter()]

    assert first.to_dict()["total_count"] == 5
    assert first.has_more
    assert walked == made[::-1]
    query["page"] = "bm9ib2R5"
    with pytest.raises(stripe.InvalidRequestError, match="Invalid page"):
        shop.v1.customers.search(query)


def test_charges_intents_and_invoices_are_found_by_what_was_paid(shop: Shop) -> None:
    shop.paid_charge(amount=1500)
    subscription = shop.subscription(amount=700)
    v1: Any = shop.v1

    def amounts(service: Any, query: str, field: str = "amount") -> list[int]:
        return [one[field] for one in service.search({"query": query}).data]

    assert amounts(v1.charges, "amount>1000 AND currency:'usd'") == [1500]
    assert amounts(v1.charges, "payment_method_details.card.last4:'4242' AND -disputed:'true'") == [700, 1500]
    assert amounts(v1.charges, "status:'failed' OR refunded:'true'") == []
    assert amounts(v1.payment_intents, "amount<1000 AND status:'succeeded'") == [700]
    assert amounts(v1.invoices, f"subscription:'{subscription.id}' AND total>=700", "total") == [700]
    assert amounts(v1.invoices, "status:'open'", "total") == []


def test_products_prices_and_subscriptions_are_found(shop: Shop) -> None:
    subscription = shop.subscription(metadata={"pledge": "p1"})
    old = shop.price(900)
    shop.v1.prices.update(old.id, {"active": False, "lookup_key": "old-price"})
    shop.simulator.advance(seconds=DAY)
    v1: Any = shop.v1

    def ids(service: Any, query: str) -> list[str]:
        return [one.id for one in service.search({"query": query}).data]

    assert ids(v1.subscriptions, "status:'active' AND metadata['pledge']:'p1'") == [subscription.id]
    assert ids(v1.subscriptions, "-canceled_at:null") == []
    assert ids(v1.prices, "active:'false' AND type:'recurring'") == [old.id]
    assert ids(v1.prices, "lookup_key~'old'") == [old.id]
    assert len(ids(v1.products, "name:'support' AND active:'true'")) == 2


def test_results_expand_inside_their_data(shop: Shop) -> None:
    shop.paid_charge()

    [charge] = shop.v1.charges.search({"query": "amount>0", "expand": ["data.payment_intent"]}).data

    assert isinstance(charge.payment_intent, stripe.PaymentIntent)
