use std::sync::atomic::AtomicUsize;

use tower::{ServiceExt, service_fn};

use super::*;

/// A service that counts its calls and answers with what `make` makes, behind a cache.
struct Bench {
    cache: Arc<Cache>,
    calls: Arc<AtomicUsize>,
    make: fn(&Request<Body>) -> Response,
}

impl Bench {
    fn new(make: fn(&Request<Body>) -> Response) -> Self {
        Self { cache: Arc::new(Cache::new(8 * 1024 * 1024)), calls: Arc::default(), make }
    }

    async fn send(&self, request: http::request::Builder) -> Response {
        let (calls, make) = (Arc::clone(&self.calls), self.make);
        let inner = service_fn(move |request: Request<Body>| {
            calls.fetch_add(1, Ordering::Relaxed);
            let response = make(&request);
            async move { Ok::<_, Infallible>(response) }
        });
        let language: Negotiate = |headers, _| u8::from(headers.contains_key(header::ACCEPT_LANGUAGE));
        let service = CacheLayer::new(Arc::clone(&self.cache), language).layer(inner);
        service.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    async fn get(&self, target: &str) -> Response {
        self.send(Request::get(target)).await
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

fn page(text: String) -> Response {
    Response::builder()
        .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
        .header(header::CACHE_CONTROL, "public, max-age=60")
        .body(Body::from(text))
        .unwrap()
}

fn long_page(request: &Request<Body>) -> Response {
    page(format!("{} {}", request.uri(), "words and words ".repeat(200)))
}

async fn body(response: Response) -> Vec<u8> {
    response.into_body().collect().await.unwrap().to_bytes().to_vec()
}

fn field(response: &Response, name: header::HeaderName) -> &str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn the_second_answer_comes_from_memory() {
    let bench = Bench::new(long_page);
    let first = bench.get("/a?x=1").await;
    let second = bench.get("/a?x=1").await;
    assert_eq!(first.headers(), second.headers());
    assert!(body(first).await == body(second).await);
    assert_eq!(bench.calls(), 1);
    bench.get("/a?x=2").await;
    bench.send(Request::get("/a?x=1").header(header::ACCEPT_LANGUAGE, "fr")).await;
    assert_eq!(bench.calls(), 3);
}

#[tokio::test]
async fn a_new_state_of_the_archive_forgets_all() {
    let bench = Bench::new(long_page);
    bench.get("/a").await;
    bench.cache.clear();
    bench.get("/a").await;
    assert_eq!(bench.calls(), 2);
}

#[tokio::test]
async fn gzip_is_for_those_who_take_it_and_has_its_own_tag() {
    let bench = Bench::new(long_page);
    let zipped = bench.send(Request::get("/a").header(header::ACCEPT_ENCODING, "br, gzip;q=0.5")).await;
    let plain = bench.send(Request::get("/a").header(header::ACCEPT_ENCODING, "gzip;q=0")).await;
    assert_eq!(bench.calls(), 1);
    assert_eq!(field(&zipped, header::CONTENT_ENCODING), "gzip");
    assert_eq!(field(&plain, header::CONTENT_ENCODING), "");
    assert_eq!(field(&plain, header::VARY), "accept-encoding");
    assert_ne!(zipped.headers()[header::ETAG], plain.headers()[header::ETAG]);
    let mut text = Vec::new();
    let zipped = body(zipped).await;
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(zipped.as_slice()), &mut text).unwrap();
    assert!(text == body(plain).await);
}

#[tokio::test]
async fn known_answers_are_not_sent_again() {
    let bench = Bench::new(long_page);
    for encoding in ["identity", "gzip"] {
        let first = bench.send(Request::get("/a").header(header::ACCEPT_ENCODING, encoding)).await;
        let tag = field(&first, header::ETAG).to_owned();
        for known in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
            let again = Request::get("/a").header(header::ACCEPT_ENCODING, encoding);
            let again = bench.send(again.header(header::IF_NONE_MATCH, &known)).await;
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known}");
            assert_eq!(field(&again, header::ETAG), tag);
            assert_eq!(field(&again, header::CACHE_CONTROL), "public, max-age=60");
            assert!(body(again).await.is_empty());
        }
        let other = bench.send(Request::get("/a").header(header::IF_NONE_MATCH, "\"x\"")).await;
        assert_eq!(other.status(), StatusCode::OK);
    }
    assert_eq!(bench.calls(), 1);
}

#[tokio::test]
async fn head_says_what_get_would() {
    let bench = Bench::new(long_page);
    let head = bench.send(Request::head("/a")).await;
    let get = bench.get("/a").await;
    assert_eq!(head.headers(), get.headers());
    assert!(body(head).await.is_empty());
    assert_eq!(bench.calls(), 1);
}

#[tokio::test]
async fn what_is_not_for_everybody_is_not_kept() {
    let makes: [fn(&Request<Body>) -> Response; 6] = [
        |_| Response::new(Body::from("no cache-control")),
        |_| {
            let mut response = page("varies".to_owned());
            response.headers_mut().insert(header::VARY, HeaderValue::from_static("host"));
            response
        },
        |_| {
            let mut response = page("missing".to_owned());
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        },
        |_| {
            let mut response = page("private".to_owned());
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private"));
            response
        },
        |_| {
            let mut response = page("download".to_owned());
            response.headers_mut().insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
            response
        },
        |_| page("x".repeat(600_000)),
    ];
    for make in makes {
        let bench = Bench::new(make);
        bench.get("/a").await;
        let second = bench.get("/a").await;
        assert_eq!(bench.calls(), 2, "{:?}", second.headers());
    }
}

#[tokio::test]
async fn posts_and_ranges_go_past() {
    let bench = Bench::new(long_page);
    for _ in 0..2 {
        bench.send(Request::post("/a")).await;
        bench.send(Request::get("/a").header(header::RANGE, "bytes=0-1")).await;
    }
    assert_eq!(bench.calls(), 4);
    bench.get(&format!("/{}", "x".repeat(2_000))).await;
    bench.get(&format!("/{}", "x".repeat(2_000))).await;
    assert_eq!(bench.calls(), 6);
}

#[tokio::test]
async fn a_flood_of_searches_leaves_pages_alone() {
    let bench = Bench::new(long_page);
    bench.get("/a").await;
    for number in 0..1_000 {
        bench.get(&format!("/search?q={number}")).await;
    }
    let before = bench.calls();
    bench.get("/a").await;
    assert_eq!(bench.calls(), before);
    assert!(bench.cache.searches.weight() <= 8 * 1024 * 1024 / SEARCH_SHARE);
}

#[tokio::test]
async fn handlers_know_their_own_tags() {
    let bench = Bench::new(|request| {
        assert_eq!(request.headers()[header::IF_NONE_MATCH], "\"abc\"");
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    });
    let answer = bench.send(Request::get("/a").header(header::IF_NONE_MATCH, "\"abc-gzip\"")).await;
    assert_eq!(answer.status(), StatusCode::NOT_MODIFIED);
}
