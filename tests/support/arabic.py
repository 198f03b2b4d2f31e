"""A newsroom that speaks Arabic, for the layout of lines that run from right to left."""

import re

WORDS = (
    "صحافة لا تُسأل إلا أمام قرائها",
    "مؤسسة هاربور كورير معترف بها كمؤسسة خيرية. يرجى الاحتفاظ بهذا الإيصال.",
    "لم تُقدَّم أي سلع أو خدمات في المقابل.",
    "ساندوا الصحافة المستقلة",
    "لا مالك ولا معلن ولا حكومة يقرر ما ننشره. قراء مثلكم يدفعون ثمن هذا العمل. "
    "ادعمونا شهريًا، بدءًا من {minimum} فقط.",
    "ما توصل إليه مراسلونا متاح للجميع، ولمن لا يستطيع الدفع أيضًا، لأن بعض القراء يدفعون.",
    "قراءة هذا المقال مجانية، أما كتابته فلم تكن كذلك.",
    "دفع قراؤنا ثمنه كي يقرأه الجميع. انضموا إليهم شهريًا، بدءًا من {minimum} فقط.",
    "سيرى مصرفكم، وكل من يستطيع الاطلاع على سجلاته، دفعة إلينا. "
    "إن كان الدعم قد يعرضكم للخطر فلا تدفعوا ببطاقة صادرة هناك.",
)


def in_arabic(newsroom: str) -> str:
    """Return the newsroom's file with Arabic in place of its languages."""
    texts = iter(WORDS)
    lines = [f'ar = "{next(texts)}"' if line.startswith("ru = ") else line for line in newsroom.splitlines()]
    return re.sub("^languages = .*$", 'languages = ["ar"]', "\n".join(lines), flags=re.MULTILINE)
