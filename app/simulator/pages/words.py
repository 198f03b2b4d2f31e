"""The words of the hosted pages, by language."""

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "back": "Back",
        "business": "Sold by",
        "card_information": "Card information",
        "card_number": "Card number",
        "cvc": "CVC",
        "choose_card": "Choose a test card",
        "complete": "Complete authentication",
        "complete_title": "You’re all done here",
        "complete_text": "This payment has been made. You can close this page.",
        "contact": "Contact information",
        "country": "Country or region",
        "email": "Email",
        "error_title": "There is a problem",
        "expired_title": "This page has expired",
        "expired_text": "Nothing was charged. Go back and start again.",
        "expiry": "Expiration (MM / YY)",
        "fail": "Fail authentication",
        "invoice": "Invoice",
        "invoice_paid": "This invoice is paid.",
        "invoice_void": "This invoice can no longer be paid.",
        "missing_title": "Nothing is here",
        "missing_text": "This address leads nowhere.",
        "name": "Cardholder name",
        "pay": "Pay",
        "donate": "Donate",
        "book": "Book",
        "payment_method": "Payment method",
        "pay_to": "Pay",
        "per_day": "per day",
        "per_week": "per week",
        "per_month": "per month",
        "per_year": "per year",
        "every": "every {count} {interval}s",
        "receipt": "Receipt",
        "receipt_text": "Paid on {date} with {brand} ending in {last4}.",
        "save": "Save card",
        "save_to": "Save a card with",
        "quantity": "Qty",
        "secure_text": "{business} wants to charge {amount}. On a real page your bank would ask you here to "
        "confirm that it is you.",
        "secure_setup": "{business} wants to save your card. On a real page your bank would ask you here to "
        "confirm that it is you.",
        "secure_title": "3-D Secure test page",
        "subscribe": "Subscribe",
        "subscribe_to": "Subscribe to",
        "terms": "By confirming your subscription, you allow {business} to charge you for future payments in "
        "accordance with their terms. You can always cancel your subscription.",
        "test_only": "Test payments only",
        "test_text": "This is a local stand-in for Stripe. No real card is charged; use a test card.",
        "total": "Total due today",
        "trial": "{days} days free",
        "required": "The cardholder name is missing.",
        "email_wrong": "Your email is incomplete.",
        "number_missing": "Your card number is incomplete.",
        "expiry_wrong": "Your card’s expiration date is incomplete.",
        "cvc_wrong": "Your card’s security code is incomplete.",
    },
    "ru": {
        "back": "Назад",
        "business": "Получатель",
        "card_information": "Данные карты",
        "card_number": "Номер карты",
        "cvc": "CVC",
        "choose_card": "Выберите тестовую карту",
        "complete": "Подтвердить",
        "complete_title": "Всё готово",
        "complete_text": "Платёж уже сделан. Эту страницу можно закрыть.",
        "contact": "Контактные данные",
        "country": "Страна или регион",
        "email": "Эл. почта",
        "error_title": "Что-то не так",
        "expired_title": "Срок действия страницы истёк",
        "expired_text": "Деньги не списаны. Вернитесь и начните заново.",
        "expiry": "Срок действия (ММ / ГГ)",
        "fail": "Отклонить",
        "invoice": "Счёт",
        "invoice_paid": "Этот счёт оплачен.",
        "invoice_void": "Этот счёт больше нельзя оплатить.",
        "missing_title": "Здесь ничего нет",
        "missing_text": "Этот адрес никуда не ведёт.",
        "name": "Имя владельца карты",
        "pay": "Оплатить",
        "donate": "Пожертвовать",
        "book": "Забронировать",
        "payment_method": "Способ оплаты",
        "pay_to": "Оплатить",
        "per_day": "в день",
        "per_week": "в неделю",
        "per_month": "в месяц",
        "per_year": "в год",
        "every": "период: {count} × {interval}",
        "receipt": "Чек",
        "receipt_text": "Оплачено {date}, карта {brand} с последними цифрами {last4}.",
        "save": "Сохранить карту",
        "save_to": "Сохранить карту:",
        "quantity": "Кол-во",
        "secure_text": "{business} просит списать {amount}. На настоящей странице банк попросил бы вас здесь "
        "подтвердить платёж.",
        "secure_setup": "{business} просит сохранить карту. На настоящей странице банк попросил бы вас здесь "
        "подтвердить это.",
        "secure_title": "Тестовая страница 3-D Secure",
        "subscribe": "Подписаться",
        "subscribe_to": "Подписка:",
        "terms": "Оформляя подписку, вы разрешаете {business} списывать будущие платежи по своим условиям. "
        "Подписку всегда можно отменить.",
        "test_only": "Только тестовые платежи",
        "test_text": "Это местная замена Stripe. Настоящие карты не списываются; возьмите тестовую карту.",
        "total": "К оплате сегодня",
        "trial": "Бесплатно дней: {days}",
        "required": "Не указано имя владельца карты.",
        "email_wrong": "Адрес эл. почты указан не полностью.",
        "number_missing": "Номер карты указан не полностью.",
        "expiry_wrong": "Срок действия карты указан не полностью.",
        "cvc_wrong": "Код безопасности указан не полностью.",
    },
}
RUSSIAN_ERRORS = {
    "Your card was declined.": "Ваша карта отклонена.",
    "Your card has insufficient funds.": "На карте недостаточно средств.",
    "Your card has expired.": "Срок действия карты истёк.",
    "Your card's security code is incorrect.": "Неверный код безопасности карты.",
    "Your card number is incorrect.": "Неверный номер карты.",
    "Your card's expiration year is invalid.": "Неверный год окончания срока действия.",
    "Your card's expiration month is invalid.": "Неверный месяц окончания срока действия.",
}


def language(locale: str | None, accept_language: str) -> str:
    """The language of a page: the session's, or the browser's, where we have the words."""
    wanted = [locale] if locale and locale != "auto" else _accepted(accept_language)
    short = [one.split("-")[0].lower() for one in wanted]
    return next((one for one in short if one in WORDS), "en")


def translated(message: str, lang: str) -> str:
    """One of Stripe's own sentences in the page's language, where we have it."""
    return RUSSIAN_ERRORS.get(message, message) if lang == "ru" else message


def _accepted(header: str) -> list[str]:
    return [part.split(";")[0].strip() for part in header.split(",")]
