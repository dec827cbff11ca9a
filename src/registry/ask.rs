//! Asking registries: what they said is kept for as long as the settings say, what failed for a minute; a host that does not
//! answer is left alone for as long. Blocks, so it is called off the message loop.
use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::client::{Client, Failure};
use super::reference::{Reference, Repository};
use super::{Image, RegistryFacts, Tags, Wanted};
use crate::settings::RegistrySettings;

/// So many requests run at a time.
const AT_ONCE: usize = 4;
/// So long nobody asks again for what failed.
const FAILED: Duration = Duration::from_secs(60);
/// So many answers are kept; beyond it all are dropped at once.
const CAPACITY: usize = 1_024;

/// What registries said, and the way to them. Nothing is built before the first question.
#[derive(Debug, Default)]
pub struct Registries {
    known: Mutex<Known>,
    /// Told when a question is answered.
    answered: Condvar,
}

#[derive(Debug, Default)]
struct Known {
    client: Option<(RegistrySettings, Arc<Client>)>,
    answers: HashMap<Question, Kept>,
    /// Hosts that are left alone, until when.
    down: HashMap<String, Instant>,
    asking: HashSet<Question>,
    complaints: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Question {
    Tags(Repository),
    Image(Reference),
}

#[derive(Clone, Debug)]
enum Answer {
    Tags(Tags),
    Image(Arc<Image>),
}

/// An answer, or that there was none, and how long it counts.
#[derive(Debug)]
struct Kept {
    answer: Option<Answer>,
    until: Instant,
}

impl Question {
    fn host(&self) -> &str {
        match self {
            Question::Tags(repository) => &repository.host,
            Question::Image(reference) => &reference.repository.host,
        }
    }
}

impl Registries {
    /// What is known of what is wanted, after all was asked that is not known; and which registries did not answer, in words.
    pub fn ask(&self, wanted: &Wanted, settings: &RegistrySettings) -> (RegistryFacts, Vec<String>) {
        let tags = wanted.repositories.iter().cloned().map(Question::Tags);
        let questions: Vec<Question> = tags.chain(wanted.images.iter().cloned().map(Question::Image)).collect();
        self.ask_all(&questions, settings);
        let mut facts = RegistryFacts::default();
        let mut known = self.lock();
        for question in questions {
            match (known.answers.get(&question).and_then(|kept| kept.answer.clone()), question) {
                (Some(Answer::Tags(tags)), Question::Tags(repository)) => facts.add_tags(repository, tags),
                (Some(Answer::Image(image)), Question::Image(reference)) => facts.add_image(reference, image),
                _ => {}
            }
        }
        (facts, std::mem::take(&mut known.complaints))
    }

    fn ask_all(&self, questions: &[Question], settings: &RegistrySettings) {
        let (client, open) = {
            let mut known = self.lock();
            let is_open = |question: &&Question| !known.is_answered(question);
            let open: Vec<Question> = questions.iter().filter(is_open).cloned().collect();
            if open.is_empty() {
                return;
            }
            (known.client(settings), Mutex::new(open))
        };
        let next = || open.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let count = AT_ONCE.min(questions.len());
        thread::scope(|scope| {
            for _ in 0..count {
                scope.spawn(|| {
                    while let Some(question) = next() {
                        self.ask_one(&client, question, settings);
                    }
                });
            }
        });
    }

    /// Asks, unless another thread does or did.
    fn ask_one(&self, client: &Client, question: Question, settings: &RegistrySettings) {
        let mut known = self.lock();
        loop {
            if known.is_answered(&question) {
                return;
            }
            if !known.asking.contains(&question) && known.asking.len() < AT_ONCE {
                break;
            }
            known = self.answered.wait(known).unwrap_or_else(PoisonError::into_inner);
        }
        known.asking.insert(question.clone());
        drop(known);
        // The others wait for the end of this one, so it ends whatever happens.
        let asked = catch_unwind(AssertUnwindSafe(|| put(client, &question)));
        let answer = asked.unwrap_or_else(|_| Err(Failure::This("a bug of dockline stopped the question".to_owned())));
        let mut known = self.lock();
        known.asking.remove(&question);
        known.keep(question, answer, settings);
        self.answered.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn put(client: &Client, question: &Question) -> Result<Answer, Failure> {
    match question {
        Question::Tags(repository) => client.tags(repository).map(|tags| Answer::Tags(tags.into())),
        Question::Image(reference) => client.image(reference).map(|image| Answer::Image(image.into())),
    }
}

impl Known {
    /// True when nobody needs to ask, now.
    fn is_answered(&self, question: &Question) -> bool {
        let now = Instant::now();
        self.answers.get(question).is_some_and(|kept| now < kept.until)
            || self.down.get(question.host()).is_some_and(|until| now < *until)
    }

    /// The client of these settings; with others nothing that was kept counts.
    fn client(&mut self, settings: &RegistrySettings) -> Arc<Client> {
        if let Some((of, client)) = &self.client
            && of == settings
        {
            return client.clone();
        }
        let client = Arc::new(Client::new(settings));
        self.answers.clear();
        self.down.clear();
        self.client = Some((settings.clone(), client.clone()));
        client
    }

    fn keep(&mut self, question: Question, answer: Result<Answer, Failure>, settings: &RegistrySettings) {
        let now = Instant::now();
        let lifetime = Duration::from_secs(60 * u64::from(settings.lifetime.max(1)));
        if let Err(failure) = &answer {
            let (Failure::Host(reason) | Failure::This(reason)) = failure;
            let what = match &question {
                Question::Tags(repository) => format!("the tags of {}", repository.path),
                Question::Image(Reference { repository, version }) => {
                    format!("{}{}{version}", repository.path, if version.contains(':') { "@" } else { ":" })
                }
            };
            self.complaints.push(format!("{}, asked for {what}: {reason}", question.host()));
            if matches!(failure, Failure::Host(_)) {
                self.down.insert(question.host().to_owned(), now + FAILED);
            }
        }
        let until = now + if answer.is_ok() { lifetime } else { FAILED };
        if self.answers.len() >= CAPACITY {
            self.answers.clear();
        }
        self.answers.insert(question, Kept { answer: answer.ok(), until });
    }
}
