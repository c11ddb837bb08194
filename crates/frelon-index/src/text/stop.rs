//! Stop words: those so frequent in a language that they tell nothing about a message. Folded.

use super::language::Lang;

/// Whether a folded word is a stop word of a language; never for languages without a list.
#[must_use]
pub fn is_stop(lang: Lang, word: &str) -> bool {
    list(lang).split_ascii_whitespace().any(|stop| stop == word)
}

fn list(lang: Lang) -> &'static str {
    match lang {
        Lang::En => {
            "a about after all also am an and any are as at be because been before being between both but by can could \
             d did do does doing don down during each few for from further had has have having he her here hers him \
             his how i if in into is it its just ll m me more most my no nor not now of off on once only or other our \
             out over own re s same she should so some such t than that the their them then there these they this \
             those through to too under until up ve very was we were what when where which while who whom why will \
             with would you your"
        }
        Lang::Fr => {
            "a ai au aux avec avez avons c ce ces cet cette d dans de des du elle elles en est et eu il ils j je l la \
             le les leur leurs lui m ma mais me mes moi mon n ne nos notre nous on ont ou par pas pour qu que qui s sa \
             se ses si son sont sur t ta te tes toi ton tu un une vos votre vous y ete etre fait comme plus tout tous \
             cela ca dont meme aussi"
        }
        Lang::De => {
            "aber alle als also am an auch auf aus bei bin bis bist da damit das dass dein dem den der des dich die dies \
             diese diesem diesen dieser dieses dir doch du durch ein eine einem einen einer eines er es euch fur hat \
             habe haben hatte ich ihm ihn ihnen ihr ihre im in ist ja kann kein keine man mein mich mir mit nach nicht \
             noch nun nur ob oder sehr sein seine sich sie sind so uber um und uns unser unter vom von vor war was wenn \
             werden wie wieder wir wird zu zum zur"
        }
        Lang::Es => {
            "a al algo ante como con contra cual cuando de del desde donde el ella ellas ellos en entre era eran es esa \
             ese eso esta estan estas este esto estos fue ha han hasta hay la las le les lo los mas me mi mis mucho muy \
             nada ni no nos nosotros o os otra otro para pero poco por porque que quien se ser si sin sobre son su sus \
             tambien te tiene todo todos tu un una uno unos usted y ya yo"
        }
        Lang::It => {
            "a ad agli ai al alla alle anche avere c che chi ci come con cui d da dagli dai dal dalla dalle degli dei del \
             della delle di dove e ed era gli ha hanno ho i il in io l la le lei li lo loro lui ma mi mia mio ne negli \
             nei nel nella nelle noi non nostra nostro o per perche piu quale quando quanto quella quello questa questo \
             s se sei si sia sono su sua sue sugli sui sul sulla sulle suo tra tu tutti tutto un una uno vi voi"
        }
        Lang::Pt => {
            "a ao aos aquela aquele as ate com como da das de dela dele do dos e ela elas ele eles em entre era essa esse \
             esta estao este eu foi for ha isso isto ja lhe mais mas me mesmo meu minha muito na nao nas nem no nos \
             nossa nosso num numa o os ou para pela pelo por qual quando que quem sao se sem ser seu sua suas so \
             tambem te tem ter um uma voce voces"
        }
        Lang::Nl => {
            "aan al alles als bij daar dan dat de der deze die dit doch doen door dus een eens en er ge geen had heb \
             hebben heeft hem het hier hij hoe hun iets ik in is ja je kan kon maar me meer men met mij mijn moet na \
             naar niet niets nog nu of om omdat onder ons ook op over reeds te tegen toch toen tot u uit uw van veel \
             voor want waren was wat werd wezen wie wil worden wordt zal ze zelf zich zij zijn zo zonder zou"
        }
        Lang::Tr => {
            "acaba ama ancak artik aslinda az bana bazi belki ben beni benim bile bir biraz biri birkac bize bizi bizim \
             boyle bu buna bunlar bunu bunun cok cunku da daha de defa degil diye eger en fakat gibi hem hep hepsi her \
             herkes hic icin ile ise iste kadar ki kim mi mu nasil ne neden nerede o olan olarak oldu olsun ona onlar \
             onu onun oyle sana sen seni senin siz sizi sizin sonra su tum var ve veya ya yani yok zaten"
        }
        Lang::Ar => {
            "في من الي علي عن مع هذا هذه ذلك تلك التي الذي الذين ان انه انها كان كانت يكون تكون قد لا لم لن ما ماذا هل هو \
             هي هم هن نحن انا انت انتم او ثم بل لكن حتي اذا كل بعض بين بعد قبل عند عندما كما لقد ليس غير حيث اي فيه فيها \
             منه منها له لها لهم به بها و يا ايضا وقد ولا"
        }
        Lang::Ru => {
            "а без более бы был была были было быть в вам вас ведь весь во вот все всего всех вы где да даже для до его \
             ее если есть еще же за здесь и из или им их к как ко когда кто ли либо мне может мы на над надо наш не него \
             нее нет ни них но ну о об однако он она они оно от очень по под при с со так также такой там те тем то \
             того тоже той только том ты у уже чего чем что чтобы чье эта эти это этого этой этом этот я"
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::super::fold::fold;
    use super::*;

    #[test]
    fn frequent_words_are_stop_words_and_others_are_not() {
        for (lang, stop, other) in [
            (Lang::En, "the", "budget"),
            (Lang::Fr, "été", "ministre"),
            (Lang::De, "für", "haushalt"),
            (Lang::Es, "más", "gobierno"),
            (Lang::It, "perché", "governo"),
            (Lang::Pt, "não", "governo"),
            (Lang::Nl, "niet", "begroting"),
            (Lang::Tr, "için", "gülen"),
            (Lang::Ar, "إلى", "ميزانية"),
            (Lang::Ru, "ещё", "бюджет"),
        ] {
            assert!(is_stop(lang, &fold(stop)), "{stop}");
            assert!(!is_stop(lang, &fold(other)), "{other}");
        }
        assert!(!is_stop(Lang::Zh, "的"));
    }

    #[test]
    fn lists_are_folded_and_without_repetition() {
        for lang in Lang::ALL {
            let words: Vec<_> = list(*lang).split_ascii_whitespace().collect();
            let distinct: std::collections::BTreeSet<_> = words.iter().collect();
            assert_eq!(distinct.len(), words.len(), "{lang:?}");
            for word in words {
                assert_eq!(fold(word), word, "{lang:?}");
            }
        }
    }
}
