//! What one keystroke costs in-process: incremental parse, model, analysis and all rules (costly fixes are made later), at 20, 200 and 5,000 lines.
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use dockline::analysis::snapshot::{Earlier, Snapshot};
use dockline::project::facts::Facts;
use dockline::rules::run::find_again;
use dockline::settings::Settings;
use dockline::text::buffer::Buffer;
use dockline::text::span::Span;

const STAGE_LINES: usize = 20;

/// Stages of 20 lines, as a Go project writes them, with a mistake here and there.
fn dockerfile(lines: usize) -> String {
    let mut text = String::from("# syntax=docker/dockerfile:1\nARG GO_VERSION=1.22\n");
    for number in 0..lines.div_ceil(STAGE_LINES) {
        let _ = write!(
            text,
            "FROM golang:${{GO_VERSION}}-alpine AS build{number}\n\
             ARG VERSION=dev\n\
             WORKDIR /src\n\
             ENV CGO_ENABLED=0 GOOS=linux\n\
             RUN apk add --no-cache git make \\\n    gcc musl-dev\n\
             COPY go.mod go.sum ./\n\
             RUN go mod download\n\
             COPY . .\n\
             # the program\n\
             RUN go build -trimpath -ldflags \"-s -w -X main.version=$VERSION\" -o /out/app{number} ./cmd/app{number}\n\
             RUN <<EOF\nset -eux\ngo vet ./...\ngo test ./...\nEOF\n\
             EXPOSE 8080\n\
             USER 65532\n\
             CMD [\"/out/app{number}\"]\n"
        );
    }
    text
}

fn keystroke(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("keystroke");
    for lines in [20, 200, 5_000] {
        let text = dockerfile(lines);
        let middle = text.len() / 2;
        let at = text[middle..].find("-trimpath").map_or(0, |at| (middle + at) as u32);
        group.bench_function(BenchmarkId::from_parameter(lines), |bencher| {
            let mut buffer = Buffer::new(&text);
            let (facts, settings) = (Arc::<Facts>::default(), Arc::<Settings>::default());
            let mut last = Snapshot::new(None, 1, buffer.text(), None, facts.clone(), settings.clone());
            let mut memory = find_again(&last, None).1;
            let mut letter = 0_u8;
            bencher.iter(|| {
                letter = (letter + 1) % 26;
                let typed = char::from(b'a' + letter).to_string();
                let mut earlier = Earlier::of(&last);
                earlier.edit(&buffer.replace(Span::new(at + 1, at + 2), &typed));
                last = Snapshot::new(None, 1, buffer.text(), Some(&earlier), facts.clone(), settings.clone());
                let (found, next) = find_again(&last, memory.as_ref());
                black_box(found);
                memory = next;
            });
        });
    }
    group.finish();
}

criterion_group!(benches, keystroke);
criterion_main!(benches);
