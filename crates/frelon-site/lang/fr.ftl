# L’interface en français. Une ligne `clé = texte` ; `{ $shown }` est un nombre écrit, `{ $n }` choisit le pluriel.

language-name = Français
direction = ltr
number-group = {"\u202F"}
number-decimal = ,
number-sign = Nº

size-bytes = { $what } octets
size-kb = { $what } ko
size-mb = { $what } Mo
size-gb = { $what } Go
size-tb = { $what } To

month-1 = janvier
month-2 = février
month-3 = mars
month-4 = avril
month-5 = mai
month-6 = juin
month-7 = juillet
month-8 = août
month-9 = septembre
month-10 = octobre
month-11 = novembre
month-12 = décembre
weekday-1 = lundi
weekday-2 = mardi
weekday-3 = mercredi
weekday-4 = jeudi
weekday-5 = vendredi
weekday-6 = samedi
weekday-7 = dimanche
weekday-1-short = lun.
weekday-2-short = mar.
weekday-3-short = mer.
weekday-4-short = jeu.
weekday-5-short = ven.
weekday-6-short = sam.
weekday-7-short = dim.
day-1 = 1er
date-month = { $month } { $year }
date-day = { $day } { $month } { $year }
date-moment = { $date } à { $time }
span = de { $first } à { $last }
undated = sans date

# Cadre de chaque page
site-name = Frelon
skip = Aller au texte
home = Accueil
nav-site = Site
nav-here = Où vous êtes
nav-language = Langue
nav-more = Plus
nav-items = Document précédent et suivant
nav-dates = Avant et après
nav-order = Ordre
nav-changes = Changements
nav-lookup = Est-ce ici ?
nav-verify = Comment vérifier
nav-help = Comment chercher
feed = Flux Atom
close = Fermer
more = Page suivante
previous = Précédent
next = Suivant
foot-what = Publié avec Frelon : chaque document peut être lu, cité, téléchargé et vérifié.
search-label = Chercher dans les archives
search-placeholder = Mots, "une phrase", from:nom
search-do = Chercher
search-hint = Tous les mots doivent s’y trouver. Utilisez OR, -mot, les "phrases" et des champs comme from: ou date:.

# Accueil
home-description = Des archives où chaque document peut être cherché, cité, téléchargé et vérifié.
home-lede = { $n ->
    [0] Rien n’a encore été publié.
    [one] { $shown } document, ouvert à tous : cherchez, citez, téléchargez, vérifiez.
   *[other] { $shown } documents, ouverts à tous : cherchez, citez, téléchargez, vérifiez.
}
home-empty = Rien n’a encore été publié. Ce qui le sera figurera ici.
browse-items = Tous les documents
browse-people = Personnes
browse-about = À propos de ce fonds
releases = Publications
latest-items = Documents les plus récents
all-changes = Tous les changements
release-number = Publication { $shown }
promise-title = Ce sur quoi vous pouvez compter
promise-read = Complet
promise-read-text = Rien n’est coupé ni écarté. Chaque recherche se parcourt jusqu’au dernier résultat et s’emporte en un fichier.
promise-cite = Citable
promise-cite-text = Chaque document garde son numéro et son adresse. Citez le numéro : chacun le retrouvera.
promise-check = Vérifiable
promise-check-text = Chaque document est publié octet pour octet et inscrit dans un journal signé qui ne peut que croître : vous n’avez pas à croire ce site sur parole.

# Nombres
items = { $n ->
    [one] { $shown } document
   *[other] { $shown } documents
}
items-word = documents
people = { $n ->
    [one] { $shown } personne
   *[other] { $shown } personnes
}
attachments = { $n ->
    [one] { $shown } pièce jointe
   *[other] { $shown } pièces jointes
}
ghosts = { $n ->
    [one] { $shown } autre message qui n’est pas ici
   *[other] { $shown } autres messages qui ne sont pas ici
}
and-more = et { $shown } de plus

# Fonds
items-over-time = Documents au fil du temps
chart-title = { $n ->
    [one] { $shown } document, de { $first } à { $last }
   *[other] { $shown } documents, de { $first } à { $last }
}
chart-outside = { $n ->
    [one] { $shown } document porte une date très éloignée et n’est pas dessiné.
   *[other] { $shown } documents portent des dates très éloignées et ne sont pas dessinés.
}
chart-table = La même chose par année
about = À propos
about-none = L’éditeur n’a pas décrit ce fonds.
completeness = Ce qui manque
completeness-text = Des archives ne sont jamais tout ce qui fut écrit. Voici ce que l’on sait manquant ou douteux.
missing-ghosts = { $n ->
    [0] Aucun message absent n’est cité par un autre.
    [one] { $shown } message cité par d’autres n’est pas ici.
   *[other] { $shown } messages cités par d’autres ne sont pas ici.
}
missing-dates = { $n ->
    [0] Chaque document a une date utilisable.
    [one] { $shown } document n’a pas de date utilisable.
   *[other] { $shown } documents n’ont pas de date utilisable.
}
with-problems = { $n ->
    [0] Chaque document a pu être lu sans difficulté.
    [one] { $shown } document a un défaut, indiqué sur sa page.
   *[other] { $shown } documents ont un défaut, indiqué sur leur page.
}
figures = En chiffres
figure-items = Documents
figure-threads = Fils
figure-people = Personnes
figure-attachments = Pièces jointes
figure-size = Taille
busiest-people = Les plus actifs
all-people = { $n ->
    [one] La seule personne
   *[other] Les { $shown } personnes
}
languages = Langues

# Listes
all-items = Tous les documents
order-number = Par numéro
order-newest = Les plus récents
order-oldest = Les plus anciens
order-busiest = Les plus actifs
order-address = Par adresse
no-subject = (sans objet)
no-sender = (sans expéditeur)
to-word = à

# Personnes
people-title = Personnes
people-text = Une ligne par adresse. Une même personne peut en avoir plusieurs ; elles ne sont jamais réunies par conjecture.
people-filter = Nom ou adresse commençant par
filter-do = Montrer
people-none = Personne ne correspond.
person = Personne
sent = Envoyés
received = Reçus
first-seen = Première fois
last-seen = Dernière fois
person-items = Documents les plus récents
person-all = { $n ->
    [one] Le seul document
   *[other] Les { $shown } documents
}
correspondents = Écrit avec
items-between = Documents entre les deux :

# Dates
date-empty = Aucun document ne porte cette date.

# Publication
release = Publication
release-from = Elle comprend les documents du
release-to = au
release-items = Montrer ses documents
volumes = Volumes
volumes-text = Un volume est un fichier ZIP ordinaire avec les documents publiés, inchangés. Téléchargez-le, et vous tenez tout ce qu’est cette publication.
volumes-cut = D’autres volumes figurent sur les pages des publications.

# Changements
changes-text = Tout ce que les éditeurs ont déclaré, du plus récent au plus ancien : ce qui est paru, ce qui a été retiré ou corrigé et pourquoi, et qui sont les éditeurs. Chaque ligne est une entrée signée du journal ; aucune ne peut en être ôtée.
changes-none = Rien n’a encore été déclaré.
changes-earlier = Changements antérieurs
change-leaf = Entrée { $what } du journal
change-keys = Leurs clés
change-root = Les clés des éditeurs ont changé
change-root-first = Les clés des éditeurs ont été fixées
change-root-detail = { $n ->
    [one] Un seul éditeur signe.
   *[other] { $threshold } éditeurs sur { $editors } doivent signer.
}
change-root-witnesses = { $n ->
    [one] Un témoin est nommé.
   *[other] { $shown } témoins sont nommés.
}
change-collection = Le fonds a été décrit
change-accession = Reçus
change-release = Publié : { $what }
change-withdraw = Le nº { $what } a été retiré
change-restore = Le nº { $what } est de nouveau publié
change-correct = Le nº { $number } a été corrigé par le nº { $replacement }
change-succession = Les archives continuent dans un autre journal
change-until = Jusqu’au { $what }
change-mode-hide = Il est conservé, et n’est plus montré.
change-mode-erase = Il a été effacé.

# Retiré
tombstone-title = Ce document a été retiré
tombstone-lede = Il fut publié ici sous ce numéro et n’est plus montré. Ce numéro n’est donné à aucun autre document.
tombstone-when = Retiré
tombstone-why = Motif
tombstone-law = Droit
tombstone-until = Jusqu’au
tombstone-extent = Étendue
tombstone-hide = Les éditeurs le conservent et peuvent le montrer de nouveau.
tombstone-erase = Il a été ôté de ces archives : texte, fichiers, recherche et exports.
tombstone-text = Ce qu’en disent les éditeurs
tombstone-log = Le journal est intact
tombstone-log-text = L’entrée de ce document reste dans le journal, de même que la déclaration signée qui le retire. Ni l’une ni l’autre ne dit rien de son contenu.
tombstone-statement = Déclaration
tombstone-copies = Les copies faites auparavant par d’autres ne peuvent être rappelées. Qui en détient une, avec sa preuve, peut toujours montrer qu’elle fut publiée ici.
tombstone-back = Vers le fonds
reason-court-order = Un tribunal l’a ordonné
reason-personal-data = Il contient des données personnelles qui ne doivent pas être publiques
reason-error = Il fut publié par erreur
reason-copyright = Quelqu’un d’autre en détient les droits
reason-source-at-risk = Il peut trahir sa provenance
withdrawn-items = { $n ->
    [0] Rien n’a été retiré.
    [one] { $shown } document a été retiré.
   *[other] { $shown } documents ont été retirés.
}

# Document
field-from = De
field-sender = Envoyé par
field-to = À
field-cc = Copie
field-bcc = Copie cachée
field-reply-to = Réponse à
field-date = Date
field-received = Reçu
field-list = Liste
date-impossible = telle qu’indiquée ; impossible
all-fields = Tous les champs d’en-tête
message-text = Texte du message
body-none = Ce message n’a pas de texte.
quoted-lines = { $n ->
    [one] Texte cité, une ligne
   *[other] Texte cité, { $shown } lignes
}
forwarded-lines = { $n ->
    [one] Message transféré, une ligne
   *[other] Message transféré, { $shown } lignes
}
html-version = Version HTML
html-text = Le message tel que son auteur l’a mis en page, rendu inoffensif : rien n’est chargé d’ailleurs, rien ne s’exécute.
html-open = L’ouvrir seule
html-note = Version HTML d’un message archivé. Les liens ne peuvent pas être suivis d’ici ; leurs adresses sont montrées.
html-remote = { $n ->
    [one] Une image se trouve sur un autre serveur et n’a pas été chargée.
   *[other] { $shown } images se trouvent sur d’autres serveurs et n’ont pas été chargées.
}
html-cut = Le message est très long : ceci en est le début.
part-message = message joint
part-unnamed = sans nom
risk-program = peut s’exécuter à l’ouverture
risk-active = peut contenir des macros ou des scripts
risk-container = contient d’autres fichiers
problems = { $n ->
    [one] Un défaut dans ce message
   *[other] { $shown } défauts dans ce message
}
thread = Fil
thread-items = { $n ->
    [one] Un document
   *[other] Les { $shown } documents du fil
}
thread-part = une partie, autour de ce document
thread-cut = Ce fil est trop long pour une page. Cherchez thread: et le numéro de son premier document pour tout voir.
ghost = Absent des archives
ghost-text = Un message est dit « absent des archives » quand d’autres le désignent par son Message-ID sans qu’il soit parmi ce qui a été publié.
inferred = d’après l’objet
inferred-text = Placé ici d’après son objet ; ses champs d’en-tête ne le disent pas.
cite = Citer
citation = { $from }, « { $subject } », { $date }. { $collection }, nº { $number }. { $link } (SHA-256 { $hash })
copy = Copier
copied = Copié
permalink = Adresse permanente :
check = Vérifiez vous-même
check-text = Vous n’avez pas à croire cette page. Trois étapes :
check-1 = Téléchargez le message
check-2 = Téléchargez sa preuve
check-3 = Vérifiez l’un par l’autre, sur votre machine :
check-or = Ou laissez faire ce navigateur :
check-here = Vérifier ce document ici
proof-leaf = Place dans le journal
proof-leaf-of = Entrée { $leaf } sur { $size }
proof-log = Journal
proof-state = Témoins
proof-download = Télécharger la preuve
proof-title = Preuve
proof-lede = Ce petit fichier montre, sans rien redemander à ce site, que le document est dans le journal, quand des témoins l’y ont vu, et que les éditeurs l’ont publié.
proof-file = La preuve
proof-size = Taille de la preuve
proof-inside = Ce qu’elle contient
proof-inside-text = L’ouverture du document, son entrée dans le journal avec le chemin d’empreintes jusqu’au point de contrôle signé, et les déclarations des éditeurs avec le leur. Tout outil qui lit les fichiers tlog-proof de C2SP peut vérifier l’entrée.
proof-none = Il n’y a pas de preuve pour ce document en ce moment.
proof-none-text = Le journal ne peut être lu, ou le document n’y est pas. C’est une faute du serveur.
state-fresh = À jour
state-stale = Ancien
state-unwitnessed = Sans témoin
state-too-few = Trop peu de témoins
state-unsigned = Non vérifié
state-missing = Pas de journal
state-fresh-text = Assez de témoins ont cosigné le journal ces trois derniers jours : quiconque regarde voit la même chose.
state-stale-text = Assez de témoins ont cosigné le journal, mais pas récemment. Ce qui est montré est authentique ; on ne peut dire si c’est le plus récent.
state-unwitnessed-text = Le journal est signé de sa propre clé, et aucun témoin ne le surveille. Ce qui est paru ne peut être changé à l’insu de qui garde un point de contrôle plus ancien ; que chacun voie la même chose n’est pas prouvé.
state-too-few-text = Moins de témoins ont cosigné le journal que la politique n’en demande.
state-unsigned-text = Le point de contrôle du journal n’est pas signé comme la politique le demande, ou il n’y a pas de politique pour en juger.
state-missing-text = Ce site n’a pas de point de contrôle de son journal à montrer.
last-cosigned = Dernière cosignature { $what }
never-cosigned = Pas cosigné
log-entries = { $n ->
    [one] { $shown } entrée
   *[other] { $shown } entrées
}
volume = Volume
raw = Télécharger le message

# Recherche
search-title = Recherche
collection = Fonds
all-collections = Tous les fonds
hits = { $n ->
    [0] Rien trouvé
    [one] Un document trouvé
   *[other] { $shown } documents trouvés
}
hits-none = Aucun document ne correspond. Retirez une condition, ou cherchez moins de mots.
more-hits = Suite
took = En { $what } ms.
cut-short = La recherche a manqué de temps. Vous n’en voyez qu’une partie ; les nombres sont trop bas. Précisez la recherche ou réessayez.
chips = Conditions de cette recherche
chip-remove = Retirer :
narrow = Préciser la recherche
facet-when = Quand
facet-from = De
facet-to = À
facet-lang = Langue
facet-dkim = Signature
facet-list = Liste de diffusion
facet-has = Avec
facet-year = Année
facet-collection = Fonds
facet-release = Publication
facet-more = { $n ->
    [one] et { $shown } autre
   *[other] et { $shown } autres
}
sort-relevance = Pertinence
sort-newest = Récents
sort-oldest = Anciens
sort-number = Numéro
sort-largest = Taille
take-away = Emporter
take-away-text = Tous les résultats de cette recherche, sans coupe.
has-attachment = une pièce jointe
has-html = une version HTML
has-problem = un défaut
has-date = une date utilisable

explain-everything = tout
explain-and = et
explain-or = ou
explain-not = sans que { $what }
explain-field-any = le texte
explain-field-subject = l’objet
explain-field-body = le texte de l’auteur
explain-field-quoted = le texte cité
explain-field-attachment = le nom d’une pièce jointe
explain-field-from = l’expéditeur
explain-field-to = un destinataire
explain-field-cc = un destinataire en copie
explain-field-bcc = un destinataire en copie cachée
explain-field-participant = un participant
explain-field-type = le type de média
explain-field-has = il a
explain-field-list = la liste de diffusion
explain-field-number = le numéro
explain-field-release = la publication
explain-field-thread = le fil
explain-field-lang = la langue
explain-field-dkim = la signature
explain-field-size = la taille en octets
explain-field-recipients = le nombre de destinataires
explain-field-date = la date
explain-field-id = le Message-ID
explain-field-in = le fonds
explain-word = { $field } comporte « { $value } » sous toute forme
explain-exact = { $field } comporte exactement « { $value } »
explain-prefix = { $field } comporte un mot commençant par « { $value } »
explain-fuzzy = { $field } comporte un mot proche de « { $value } »
explain-phrase = { $field } comporte la phrase « { $value } »
explain-near = { $field } comporte « { $value } » avec au plus { $second } mots entre eux
explain-address = { $field } est { $value }
explain-domain = { $field } est chez { $value }
explain-is = { $field } : { $value }
explain-between = { $field } va de { $value } à { $second }
explain-least = { $field } est au moins { $value }
explain-most = { $field } est au plus { $value }
explain-year = { $field } est en { $value }
explain-month = { $field } est en { $value }
explain-day = { $field } est le { $value }
explain-from = { $field } est le { $value } ou après
explain-until = { $field } est avant le { $value }
explain-ever = { $field } est connue

query-wrong = Cette requête ne peut pas être lue.
query-too-long = Elle est trop longue : au plus { $max } octets, ou plusieurs recherches.
query-too-many-clauses = Elle a trop de conditions : au plus { $max }.
query-too-deep = Ses parenthèses sont trop imbriquées : au plus { $max } niveaux.
query-unclosed-quote = Ce guillemet n’est jamais fermé : ajoutez " où finit la phrase.
query-unclosed-parenthesis = Cette parenthèse n’est jamais fermée : ajoutez ) où finit le groupe, ou retirez la (.
query-unopened-parenthesis = Cette ) ne ferme rien : retirez-la, ou ajoutez ( avant le groupe.
query-empty-group = Il n’y a rien entre ces parenthèses : retirez-les, ou écrivez-y des mots.
query-dangling-operator = Il manque quelque chose à côté de { $operator } : écrivez à quoi il s’applique, ou mettez-le entre guillemets pour chercher le mot.
query-only-negations = Ceci dit seulement ce qu’il ne faut pas trouver : ajoutez ce qu’il faut trouver, ou * pour tout, comme dans * -brouillon.
query-no-words = Il n’y a ici aucun mot à chercher : utilisez des lettres ou des chiffres.
query-unknown-field = Il n’y a pas de champ { $name }: – écrivez { $nearest }: ou mettez une espace après le deux-points pour chercher les mots.
query-missing-value = { $field }: n’a pas de valeur : écrivez-en une juste après le deux-points.
query-bad-date = « { $value } » n’est pas une date : écrivez 2016, 2016-10, 2016-10-07 ou un intervalle comme 2016-10-01..2016-10-31.
query-bad-size = « { $value } » n’est pas une taille : écrivez un nombre avec b, kb, mb ou gb, comme >1mb.
query-bad-number = « { $value } » n’est pas un nombre : écrivez { $field }: avec un nombre entier ou un intervalle, comme 5, >5 ou 5..9.
query-bad-dkim = « { $value } » n’est pas un état de signature : écrivez pass, expired, body-altered, headers-altered, altered, key-not-found, key-revoked, malformed ou unsigned.
query-bad-language = « { $value } » n’est pas une langue : écrivez son code de deux lettres, comme lang:fr.
query-bad-property = has:{ $value } est inconnu : écrivez has:attachment, has:html, has:problem ou has:date.
query-bad-type = « { $value } » n’est pas un type de média : écrivez type:pdf, type:image ou type:text/calendar.
query-bad-collection = « { $value } » ne peut nommer un fonds : écrivez le nom tel que dans l’adresse de sa page.
query-empty-range = Rien ne se trouve dans { $value } : la fin précède le début.
query-misplaced-wildcard = Dans { $word }, le * n’est pas à la fin : seule la fin d’un mot peut rester ouverte, comme dans budg*.
query-too-fuzzy = Trop d’écarts : écrivez mot~1 ou au plus mot~{ $max }.
query-too-far = Trop loin : utilisez au plus ~{ $max }, ou retirez les guillemets.

# Aide
help-lede = Écrivez des mots et obtenez les documents qui les ont tous. Tout ce qui suit se combine. Chaque exemple est un lien : essayez.
help-write = Écrivez
help-finds = Trouve
help-words = Mots
help-people = Personnes
help-places = Où dans le message
help-dates = Dates
help-things = Tout le reste
help-notes = Bon à savoir
help-note-accents = La casse et les accents ne comptent pas, et les mots sont trouvés sous toutes leurs formes. Écrivez =mot pour une seule forme.
help-note-quotes = Ce qu’un auteur a écrit et ce qu’il a cité sont distingués : body: cherche dans l’un, quoted: dans l’autre.
help-note-dates = Les dates sont en temps universel. Un document à la date impossible compte par sa date de réception.

# Vérification d’un dire
lookup-lede = On vous montre un message, un fichier ou une citation en disant qu’ils viennent de ces archives. Vérifiez.
lookup-text = Un texte, une empreinte ou un Message-ID
lookup-text-hint = Une phrase est cherchée mot à mot ; 64 chiffres hexadécimaux comme un SHA-256 ; ce qui ressemble à a1b2@host comme un Message-ID.
lookup-file = Un fichier
lookup-file-hint = Un message ou une pièce jointe, jusqu’à 64 Mo. Seul son SHA-256 est calculé ; le fichier n’est pas gardé.
lookup-do = Vérifier
lookup-yes-hash = { $n ->
    [one] Oui, avec exactement ce contenu.
   *[other] Oui, en { $shown } endroits, avec exactement ce contenu.
}
lookup-yes-hash-text = Ce qui a ce SHA-256 est dans les archives, octet pour octet, ici :
lookup-yes-file = { $n ->
    [one] Oui, exactement ce fichier.
   *[other] Oui, exactement ce fichier, en { $shown } endroits.
}
lookup-yes-file-text = Le fichier est dans les archives, octet pour octet, ici :
lookup-yes-message-id = { $n ->
    [one] Oui, un message avec ce Message-ID.
   *[other] Oui, { $shown } messages avec ce Message-ID.
}
lookup-yes-message-id-text = Un Message-ID est choisi par l’expéditeur et ne prouve rien du contenu : comparez le texte.
lookup-yes-text = { $n ->
    [one] Oui, un document a ces mots dans cet ordre.
   *[other] Oui, { $shown } documents ont ces mots dans cet ordre.
}
lookup-yes-text-text = La casse, les accents et la ponctuation n’ont pas été comparés, et les mots peuvent se trouver dans un texte cité : lisez le document avant de vous y fier.
lookup-no = Non, pas trouvé ici.
lookup-no-hash-text = Rien de ce qui est publié ici n’a ce SHA-256. Une copie enregistrée, transférée ou convertie a d’autres octets et une autre empreinte, même si elle se lit pareil : cherchez-en aussi une phrase. Et ce qui n’est pas publié ici peut exister quand même.
lookup-no-file-text = Aucun document ni pièce jointe publiés ici n’est ce fichier, octet pour octet. Les logiciels de courrier changent souvent les fins de ligne ou l’en-tête en enregistrant un message, et l’empreinte diffère alors : cherchez-en aussi une phrase, ou son Message-ID. Et ce qui n’est pas publié ici peut exister quand même.
lookup-no-message-id-text = Aucun message publié ici n’a ce Message-ID. Il a pu être laissé de côté, n’être pas encore publié, ou n’avoir jamais été dans les archives.
lookup-no-text-text = Aucun document publié ici n’a ces mots dans cet ordre. Essayez un passage plus court. Le texte des images et des documents joints n’est pas cherché. Et ce qui n’est pas publié ici peut exister quand même.
lookup-attachments = En pièce jointe

# Vérifier
verify-lede = Vous n’avez pas à croire ce site. Tout ce qu’il montre découle de fichiers que vous pouvez télécharger et de signatures que vous pouvez vérifier sans lui.
verify-now = Où en est le journal
verify-log = Le journal
verify-root = Racine de son arbre
verify-key = Sa clé
verify-seen = Dernière cosignature
verify-witness = Témoin
verify-witnesses = Témoins
verify-witnesses-text = Les témoins sont des serveurs indépendants qui ne cosignent le journal que s’il n’a fait que croître depuis leur dernier regard. Ils ne voient aucun document.
verify-witnesses-none = Aucun témoin n’est nommé pour ce journal.
verify-editors = Éditeurs
verify-editors-text = Une publication, un retrait ou un changement d’éditeurs ne compte que si assez d’éditeurs l’ont signé. Qui s’empare de ce serveur, ou de la clé du journal, ne peut en faire.
verify-editors-count = { $n ->
    [one] Il y a un éditeur, qui signe seul.
   *[other] { $threshold } de ces { $editors } éditeurs doivent signer.
}
verify-here = Vérifier un document dans ce navigateur
verify-here-text = Choisissez le document, tel que vous l’avez téléchargé, et sa preuve. Les deux restent dans votre navigateur : rien n’est envoyé.
verify-here-off = La vérification dans le navigateur demande JavaScript. Sans lui, suivez les étapes ci-dessous : elles montrent la même chose, et davantage.
verify-item-file = Document (.eml)
verify-proof-file = Preuve (.tlog-proof)
verify-policy-file = Politique (si vous en avez une d’ailleurs)
verify-policy-hint = À défaut, celle de ce site est employée : vous vous fiez alors à lui pour nommer le journal.
verify-do = Vérifier
verify-one = Vérifier un document sur votre machine
verify-one-1 = Ouvrez le document et téléchargez le message et sa preuve, sous « Vérifiez vous-même ».
verify-one-2 = Prenez la politique, de préférence ailleurs que sur ce site : elle nomme le journal et ses témoins.
verify-one-3 = Les trois dans un dossier, aucun réseau n’est nécessaire :
verify-one-4 = Sans Frelon : le SHA-256 du message figure sur sa page, dans sa preuve et dans son volume.
verify-all = Tout vérifier
verify-all-text = Téléchargez les volumes, la politique et le journal, ou demandez-les à quiconque en tient une copie. Une commande vérifie chaque document par le journal, et le journal par ses signatures :
verify-all-plain = Avec des outils courants, tirez un document de son volume et comparez son empreinte :
verify-yes = Ce que cela montre
verify-yes-1 = Le document est celui qui fut publié sous ce numéro, jusqu’au dernier octet.
verify-yes-2 = Il est dans un journal qui ne peut que croître ; les signatures des éditeurs disent qu’il fut publié.
verify-yes-3 = Autant de témoins que la politique en demande ont vu ce journal même, aux moments qu’ils indiquent.
verify-no = Ce que cela ne montre pas
verify-no-1 = Que ce qu’affirme un document est vrai, ni qui l’a écrit ; voyez les signatures sur sa page.
verify-no-2 = Que les archives sont complètes : ce qui ne fut jamais inscrit au journal n’y manque pas.
verify-no-3 = Que la politique employée nomme le bon journal, si vous l’avez prise sur ce site.
verify-copies = Qui d’autre en tient copie
verify-copies-text = Chacun peut tenir une copie entière et la servir. Comparez la racine ci-dessus à la sienne : au même nombre d’entrées, les deux doivent être égales. Sinon, gardez les deux points de contrôle : ils prouvent qu’on a montré autre chose à quelqu’un.
verify-files = Les fichiers
file-checkpoint = Taille et racine du journal, avec signatures et cosignatures
file-policy = Quel journal, quels témoins, combien
file-manifest = Ce qui est publié, et dans quels volumes
file-tile = Le journal même : entrées et empreintes en tuiles (C2SP tlog-tiles)
file-keys = Clés par lesquelles les signatures du courrier sont jugées

# Vérifications dans le navigateur
checker-running = Vérification …
checker-good = Ce document est authentique
checker-good-text = Il fut publié par les éditeurs et se trouve dans le journal, exactement tel.
checker-partly = Rien n’est faux, mais tout n’a pu être vérifié
checker-partly-text = Voyez ci-dessous ce qui manque.
checker-bad = Cela ne tient pas
checker-bad-text = Le document, la preuve et la politique ne vont pas ensemble, ou l’un d’eux a été changé.
checker-unread = Les fichiers n’ont pu être lus
checker-no-crypto = Ce navigateur ne peut vérifier les signatures de cette sorte (Ed25519). Tout le reste a été vérifié ; pour les signatures, prenez un navigateur plus récent ou la ligne de commande.
checker-no-hash = Ce navigateur n’offre pas de cryptographie sur cette page. Ouvrez-la en https, ou employez la ligne de commande.
checker-content-ok = Le document est celui que décrit son ouverture : même SHA-256, même longueur.
checker-content-bad = Le document n’est pas celui que décrit son ouverture : son SHA-256 ou sa longueur diffère.
checker-entry-ok = L’entrée du journal engage sur cette ouverture.
checker-entry-bad = L’entrée du journal engage sur une autre ouverture.
checker-inclusion-ok = L’entrée est dans le journal : place %1 sur %2.
checker-inclusion-bad = L’entrée n’est pas dans le journal à ce point de contrôle.
checker-log-ok = Le point de contrôle est signé par le journal %1.
checker-log-bad = Le point de contrôle n’est pas signé par le journal que nomme la politique.
checker-witness-ok = Témoins ayant cosigné : %1 sur %2, le dernier le %3. La politique est satisfaite.
checker-witness-none = La politique ne demande aucun témoin.
checker-witness-bad = Témoins ayant cosigné : %1 sur %2. La politique en demande d’autres ou davantage.
checker-editors-ok = Les clés des éditeurs sont dans le journal, dans leur ordre ; %1 sur %2 doivent signer.
checker-editors-bad = Les déclarations sur les clés des éditeurs ne tiennent pas.
checker-release-ok = La déclaration des éditeurs qui le publie est dans le journal, et assez d’entre eux l’ont signée.
checker-release-bad = La déclaration qui le publie ne tient pas.
checker-not = Cela ne montre pas que le document n’a pas été retiré depuis, ni que ce qu’il affirme est vrai.
checker-own-policy = Jugé selon la politique de ce site.
checker-your-policy = Jugé selon la politique que vous avez choisie.

# Erreurs
error-not-found = Il n’y a rien ici
error-not-found-text = Aucun document n’a cette adresse. Si vous avez suivi une citation, vérifiez le numéro ; un document publié ne se déplace jamais.
error-parameter = Cette adresse n’est pas valable
error-parameter-text = Une partie de l’adresse a une valeur non permise :
error-cursor = Ce lien de page n’est plus valable
error-cursor-text = La liste a changé depuis. Repartez de sa première page.
error-query = Cette requête ne peut pas être lue
error-query-text = Voyez la page sur la recherche.
error-too-large = Ce fichier est trop grand
error-too-large-text = Des fichiers jusqu’à 64 Mo peuvent être vérifiés ici. Calculez vous-même le SHA-256 et cherchez-le.
error-busy = Trop de recherches en ce moment
error-busy-text = La lecture continue sans gêne ; la recherche sera de nouveau possible dans quelques secondes.
error-method = Cela ne se peut pas ici
error-method-text = Cette adresse peut être lue, rien d’autre.
error-unreadable = Les archives ne peuvent pas être lues en ce moment
error-unreadable-text = C’est une faute du serveur, non de votre demande. Elle a été notée.
error-unexpected = Quelque chose a échoué
error-unexpected-text = C’est une faute du serveur, non de votre demande. Elle a été notée.

# Clavier
keys-title = Raccourcis clavier
keys-search = aller à la recherche
keys-rows = suivant et précédent dans une liste
keys-open = ouvrir celui qui est choisi
keys-items = document ou page, suivant et précédent
keys-up = remonter à la liste
keys-help = montrer ou cacher ceci

# Défauts (codes de l’API)
problem-message-id-missing = Il n’a pas de Message-ID.
problem-message-id-repeated = Il a plusieurs Message-ID ; le premier est retenu.
problem-date-missing = Il n’a pas de champ Date.
problem-date-unreadable = Son champ Date est illisible.
problem-date-impossible = Sa date est impossible : avant le courrier électronique, ou après son entrée aux archives.
problem-from-missing = Il ne dit pas qui l’a envoyé.
problem-field-repeated = Un champ d’en-tête qui ne doit figurer qu’une fois y figure plusieurs fois ; le premier est retenu.
problem-header-not-ascii = Son en-tête a des lettres d’un codage non déclaré.
problem-header-too-long = Son en-tête est trop long pour être lu en entier ; l’original l’a tout entier.
problem-header-malformed = Son en-tête a des lignes qui ne sont pas des champs.
problem-charset-wrong = Son texte n’est pas dans le jeu de caractères déclaré, ou celui-ci est inconnu.
problem-encoding-wrong = Son codage de transfert est abîmé.
problem-nul-bytes = Il a des octets NUL.
problem-bare-carriage-return = Il a des retours chariot qui ne finissent pas une ligne.
problem-mixed-line-endings = Ses lignes finissent de plusieurs façons.
problem-truncated = Il semble coupé.
problem-structure-broken = Sa structure MIME est rompue.
problem-too-many-parts = Il a plus de parties qu’on n’en lit ; l’original les a toutes.
problem-quoting-ambiguous = On ne sait pas sûrement quelles lignes la boîte avait protégées ; ses octets sont gardés tels quels.
problem-body-missing = Il n’a pas de texte.
problem-unparsed = Il n’a pas pu être lu ; l’original est gardé.

# Langues des messages (ISO 639-1)
language-ar = arabe
language-cs = tchèque
language-da = danois
language-de = allemand
language-el = grec
language-en = anglais
language-es = espagnol
language-et = estonien
language-fa = persan
language-fi = finnois
language-fr = français
language-he = hébreu
language-hi = hindi
language-hu = hongrois
language-hy = arménien
language-it = italien
language-ja = japonais
language-ko = coréen
language-lt = lituanien
language-nb = norvégien
language-nl = néerlandais
language-no = norvégien
language-pl = polonais
language-pt = portugais
language-ro = roumain
language-ru = russe
language-sr = serbe
language-sv = suédois
language-tr = turc
language-uk = ukrainien
language-yi = yiddish
language-zh = chinois

# Signatures du courrier

signatures = Signatures
signatures-text = Une signature DKIM est faite par le serveur de courrier de l’expéditeur. Elle dit que les champs signés et le corps ont quitté ce serveur tels qu’ils sont ici. Elle ne dit pas que leur contenu est vrai.
signatures-none = Personne n’a signé ce message. C’était l’usage avant 2012, et cela ne dit rien contre lui.
signatures-left-out = { $n ->
    [one] { $n } autre signature n’a pas été examinée
   *[other] { $n } autres signatures n’ont pas été examinées
}
signature-by = Signé par
signature-selector = Sélecteur
signature-key = Clé
signature-key-size = { $bits } bits
signature-key-live-dns = demandée au DNS
signature-key-archive = d’une archive de clés
signature-key-recovered = calculée à partir de signatures : un seul signataire, mais on ignore à qui était la clé
signature-key-seen = vue du { $first } au { $last }
signature-covers = Couvre
signature-body-whole = tout le corps
signature-body-part = { $covered } octets du corps sur { $total }
signature-duplicate = Il y a plus de champs « { $field } » que de champs signés.
signature-aligned = le domaine de l’auteur
signature-foreign = pas le domaine de l’auteur

dkim-pass = tient
dkim-expired = tient, mais avait expiré
dkim-body-altered = corps modifié
dkim-headers-altered = champs modifiés
dkim-key-not-found = clé inconnue
dkim-key-revoked = clé révoquée
dkim-altered = modifié
dkim-malformed = mal formée
dkim-unsigned = sans signature

dkim-reason-verified = Les champs signés et le corps sont tels qu’ils ont été signés.
dkim-reason-body-differs = Les champs signés sont intacts ; le corps ne l’est pas. Le pied de page d’une liste suffit.
dkim-reason-body-shorter = Les champs signés sont intacts ; une partie du corps signé manque.
dkim-reason-headers-differ = Le corps est tel qu’il a été signé ; un champ signé ne l’est pas. La marque d’une liste dans l’objet suffit.
dkim-reason-headers-or-key = Le corps est tel qu’il a été signé ; les champs diffèrent, ou la clé est une autre.
dkim-reason-headers-and-body-differ = Ni les champs signés ni le corps ne sont tels qu’ils étaient.
dkim-reason-body-and-headers-or-key = Le corps n’est pas tel qu’il a été signé ; les champs diffèrent peut-être aussi, ou la clé est une autre.
dkim-reason-no-record = Aucune clé n’est connue sous ce sélecteur : la signature ne peut être jugée.
dkim-reason-no-key-fits = Aucune des clés connues sous ce sélecteur n’a fait la signature : c’était une autre clé, ou la signature est abîmée.
dkim-reason-revoked = Tout ce qu’on sait de ce sélecteur est que sa clé a été révoquée.
dkim-reason-signature-malformed = Le champ de la signature n’a pas de sens.
dkim-reason-record-malformed = L’enregistrement de la clé n’a pas de sens.
dkim-reason-record-unfit = L’enregistrement de la clé n’est pas fait pour une signature de cette sorte.
dkim-reason-header-too-long = L’en-tête est plus long que ce qui est lu.

arc = Transmission (ARC)
arc-text = Les serveurs qui ont transmis le message, comme les listes de diffusion, ont noté ce qu’ils ont vu et l’ont scellé. Une chaîne qui tient montre ce qui est parvenu au dernier d’entre eux ; elle vaut la confiance que vous leur accordez.
arc-pass = la chaîne tient
arc-fail = chaîne rompue
arc-key-not-found = clé inconnue
arc-reason-verified = Chaque sceau tient, et ce que le dernier maillon a signé est intact.
arc-reason-structure = Des maillons manquent, sont doublés ou sont trop nombreux.
arc-reason-malformed = Un de ses champs n’a pas de sens.
arc-reason-failed-before = Le dernier maillon dit lui-même que la chaîne était rompue à son arrivée.
arc-reason-chain-value = Un maillon dit de la chaîne avant lui autre chose que sa place ne demande.
arc-reason-message = Ce que le dernier maillon a signé du message a été modifié depuis.
arc-reason-seal = Un sceau ne correspond pas à ce qu’il scelle.
arc-reason-key-not-found = Une clé est inconnue : cela ne peut être jugé.
arc-at = Maillon { $shown } :
arc-unchanged = À partir du maillon { $shown }, personne n’a modifié ce qui est signé.
arc-message = Message
arc-seal = Sceau
arc-not-looked-at = non examiné
arc-left-out = { $n ->
    [one] { $n } autre maillon n’est pas affiché
   *[other] { $n } autres maillons ne sont pas affichés
}

# Signatures d’une collection

authenticity = Authenticité
authenticity-all = Les signatures de toute la collection
authenticity-none = Il n’y a pas de courrier dans cette collection, donc rien qui soit signé de cette façon.
authenticity-lede = { $n ->
    [one] { $signed } message sur { $total } est signé par un serveur de courrier ; d’après les clés connues ici, { $holding } de ces signatures tient.
   *[other] { $signed } messages sur { $total } sont signés par un serveur de courrier ; d’après les clés connues ici, les signatures de { $holding } tiennent.
}
authenticity-years = Parts par année
authenticity-grades = Ce que disent les états
authenticity-keys = Clés qui ont signé
authenticity-keys-text = Un domaine publie ses clés dans le DNS et les remplace au bout de quelques années. Ce qu’on sait d’une clé, et d’où on le sait, décide de ce qu’une signature prouve. Un message qui porte plusieurs signatures compte pour chacune de leurs clés.
authenticity-keys-none = Aucun message ne porte de signature.
authenticity-keys-other = Autres domaines
authenticity-keys-cut = { $n ->
    [one] { $shown } autre clé n’est pas affichée.
   *[other] { $shown } autres clés ne sont pas affichées.
}
authenticity-key-messages = { $n ->
    [one] { $shown } message, dont { $holding } avec une signature qui tient
   *[other] { $shown } messages, dont { $holding } avec une signature qui tient
}
keys-archive = Toutes les clés (lignes JSON)
messages = { $n ->
    [one] { $shown } message
   *[other] { $shown } messages
}
year = Année
percent = { $what } %

class-holds = tient
class-altered = modifié
class-unknown = clé inconnue
class-malformed = mal formée
class-unsigned = sans signature

grade-pass = Les champs signés et le corps sont tels qu’ils ont quitté le serveur de courrier du domaine qui a signé. Nul ne les a modifiés depuis sans avoir sa clé.
grade-expired = Comme ci-dessus ; mais à l’arrivée du message, la signature se disait elle-même trop ancienne.
grade-body-altered = Les champs signés sont intacts, le corps ne l’est pas. Les listes de diffusion font cela en ajoutant un pied de page ; un faussaire aussi.
grade-headers-altered = Le corps est intact, un champ signé ne l’est pas. Les listes de diffusion font cela en marquant l’objet ; un faussaire aussi.
grade-key-not-found = La clé qui a fait la signature est inconnue ici : elle ne prouve rien, ni dans un sens ni dans l’autre. Si quelqu’un a gardé la clé, elle peut être jugée.
grade-key-revoked = Le domaine a retiré la clé, et aucune copie n’en est connue ici : la signature ne peut être jugée.
grade-altered = Ni les champs signés ni le corps ne sont tels qu’ils ont été signés.
grade-malformed = La signature, ou l’enregistrement de clé dont elle a besoin, n’a pas de sens.
grade-unsigned = Il n’y a pas de signature. C’était l’usage avant 2012, et cela ne dit rien contre un message.
