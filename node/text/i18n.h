#ifndef NODE_TEXT_I18N_H
#define NODE_TEXT_I18N_H

#include <libintl.h>

/*
 * i18n -- messages in the language of the person, through gettext.
 *
 * Only what people read is translated: JSON, logs and the words that scripts
 * rely on stay English, and numbers never take the form of a locale
 * (LC_NUMERIC stays "C").  Catalogues are found beside the executable
 * (BUILD/locale), else in the share/locale of the prefix it stands in.
 */

/* _: the translation of a message, as a printf format if it is one.
 * N_: marks a message in a table, translated where it is shown.
 * P_: the form for n things. */
#define _(msg)           gettext(msg)
#define N_(msg)          msg
#define P_(one, many, n) ngettext(one, many, (unsigned long)(n))

/* i18n_start: choose the language from the environment, before the first
 * message.  Where the locale that is asked for was never generated on this
 * machine (a small Debian knows no fr_FR.UTF-8), the catalogue is used all
 * the same.  Cannot fail: without a catalogue messages are English. */
void i18n_start(void);

#endif
