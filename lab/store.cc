// The store's tables and how they are written and read. `grid` lists the runs of the present study;
// `runs` holds what has been run, ever; they meet by key. The file's application_id says that it is
// ours, its user_version which version of these tables it has.
// SPDX-License-Identifier: Apache-2.0
#include "lab/store.h"

#include <filesystem>
#include <map>

#include "lab/database.h"

namespace gradkeep::lab {
namespace {

constexpr std::int64_t kApplication = 0x67726164;  // "grad"
constexpr std::int64_t kVersion = 2;

constexpr const char* kTables = R"(
CREATE TABLE sessions(
  id INTEGER PRIMARY KEY, started TEXT NOT NULL, version TEXT NOT NULL, study TEXT NOT NULL,
  title TEXT NOT NULL, description TEXT NOT NULL, report TEXT NOT NULL, spec TEXT NOT NULL,
  processor TEXT NOT NULL, target TEXT NOT NULL, cores INTEGER NOT NULL, threads INTEGER NOT NULL);
CREATE TABLE grid(
  position INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, tuning INTEGER NOT NULL);
CREATE TABLE runs(
  id INTEGER PRIMARY KEY, session INTEGER NOT NULL REFERENCES sessions(id),
  key TEXT NOT NULL UNIQUE, initialiser TEXT NOT NULL, data TEXT NOT NULL,
  examples INTEGER NOT NULL, features INTEGER NOT NULL, classes INTEGER NOT NULL,
  seconds REAL, probe_seconds REAL, activation_seconds REAL, diverged INTEGER NOT NULL,
  test_loss REAL, test_accuracy REAL);
CREATE TABLE curves(
  run INTEGER NOT NULL REFERENCES runs(id), step INTEGER NOT NULL, seconds REAL,
  train_loss REAL, train_accuracy REAL, held_loss REAL, held_accuracy REAL,
  PRIMARY KEY(run, step)) WITHOUT ROWID;
CREATE TABLE targets(
  run INTEGER NOT NULL REFERENCES runs(id), loss REAL NOT NULL, step INTEGER NOT NULL,
  seconds REAL, PRIMARY KEY(run, loss)) WITHOUT ROWID;
CREATE TABLE probes(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE measures(
  run INTEGER NOT NULL REFERENCES runs(id), probe INTEGER NOT NULL REFERENCES probes(id),
  step INTEGER NOT NULL, layer INTEGER NOT NULL, value REAL,
  PRIMARY KEY(run, probe, step, layer)) WITHOUT ROWID;
)";

constexpr const char* kRunColumns =
    "SELECT id, session, key, initialiser, data, examples, features, classes, seconds, "
    "probe_seconds, activation_seconds, diverged, test_loss, test_accuracy FROM runs ";

CurvePoint read_point(Statement& row) {
  CurvePoint point;
  point.step = row.small();
  point.seconds = row.real();
  point.train_loss = row.real();
  point.train_accuracy = row.real();
  point.held_loss = row.real();
  point.held_accuracy = row.real();
  return point;
}

Run read_run(Statement& row) {
  Run run;
  run.id = row.integer();
  run.session = row.integer();
  run.key = row.text();
  run.initialiser = row.text();
  run.data = row.text();
  run.examples = row.small();
  run.features = row.small();
  run.classes = row.small();
  run.seconds = row.real();
  run.probe_seconds = row.real();
  run.activation_seconds = row.real();
  run.diverged = row.integer() != 0;
  run.test_loss = row.real();
  run.test_accuracy = row.real();
  run.spec = run_from_key(run.key);
  return run;
}

}  // namespace

struct Store::Database {
  Database(const std::string& path, Mode mode)
      : connection(path, mode == Mode::read ? SQLITE_OPEN_READONLY
                                            : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) {
    connection.execute("PRAGMA foreign_keys = ON");
    if (mode == Mode::write) connection.execute("PRAGMA synchronous = FULL");
    // SQLite opens a file without the right to write for reading only, and would say so too late.
    if (mode == Mode::write && sqlite3_db_readonly(connection.handle(), "main") == 1)
      fail(connection.handle(), path, SQLITE_READONLY);
    const bool empty = connection.number("SELECT count(*) FROM sqlite_master") == 0;
    if (empty && mode == Mode::write) make_tables();
    if (connection.number("PRAGMA application_id") != kApplication)
      throw Error(path + ": not a gradkeep store");
    const auto version = connection.number("PRAGMA user_version");
    if (version != kVersion)
      throw Error(path + ": written by " + (version > kVersion ? "a newer" : "an older") +
                  " gradkeep (store version " + std::to_string(version) +
                  ", this program reads version " + std::to_string(kVersion) +
                  "); expected a store of this version, or none: move the file away");
  }

  // In one transaction: a program killed here leaves an empty file, and the next start begins
  // again.
  void make_tables() {
    Transaction transaction(connection);
    if (connection.number("SELECT count(*) FROM sqlite_master") != 0) return;
    connection.execute(kTables);
    connection.execute(("PRAGMA application_id = " + std::to_string(kApplication)).c_str());
    connection.execute(("PRAGMA user_version = " + std::to_string(kVersion)).c_str());
    transaction.commit();
  }

  std::int64_t probe_id(const std::string& name) {
    if (const auto known = probe_ids.find(name); known != probe_ids.end()) return known->second;
    Statement(connection, "INSERT OR IGNORE INTO probes(name) VALUES(?)").bind(name).run();
    Statement select(connection, "SELECT id FROM probes WHERE name = ?");
    select.bind(name).step();
    return probe_ids[name] = select.integer();
  }

  // The end of the curve and the targets, which Store::runs and Store::run both carry.
  void complete(Run& run) {
    Statement last(connection,
                   "SELECT step, seconds, train_loss, train_accuracy, held_loss, held_accuracy "
                   "FROM curves WHERE run = ? ORDER BY step DESC LIMIT 1");
    if (last.bind(run.id).step()) run.last = read_point(last);
    Statement targets(connection,
                      "SELECT loss, step, seconds FROM targets WHERE run = ? ORDER BY loss DESC");
    targets.bind(run.id);
    while (targets.step()) {
      Target target;
      target.loss = targets.real();
      target.step = targets.small();
      target.seconds = targets.real();
      run.targets.push_back(target);
    }
  }

  std::vector<Run> runs(bool tuning);

  Connection connection;
  std::map<std::string, std::int64_t> probe_ids;
};

Store::Store(const std::string& path, Mode mode) {
  std::error_code ignored;
  if (mode == Mode::read && !std::filesystem::exists(path, ignored))
    throw Error(path + ": no such store; `gradkeep study` makes one");
  if (std::filesystem::is_directory(path, ignored))
    throw Error(path + ": a folder; expected the file of a store");
  database_ = std::make_unique<Database>(path, mode);
}

Store::~Store() = default;
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;

const std::string& Store::path() const { return database_->connection.path(); }

std::int64_t Store::begin_session(const Session& session) {
  Transaction transaction(database_->connection);
  Statement(database_->connection,
            "INSERT INTO sessions(started, version, study, title, description, report, spec, "
            "processor, target, cores, threads) VALUES(?,?,?,?,?,?,?,?,?,?,?)")
      .bind(session.started)
      .bind(session.version)
      .bind(session.study)
      .bind(session.title)
      .bind(session.description)
      .bind(session.report)
      .bind(session.spec)
      .bind(session.processor)
      .bind(session.target)
      .bind(session.cores)
      .bind(session.threads)
      .run();
  const std::int64_t id = sqlite3_last_insert_rowid(database_->connection.handle());
  transaction.commit();
  return id;
}

std::int64_t Store::add(const Run& run) {
  auto& connection = database_->connection;
  Transaction transaction(connection);
  Statement present(connection, "SELECT id FROM runs WHERE key = ?");
  if (present.bind(run.key).step()) return present.integer();
  Statement(connection,
            "INSERT INTO runs(session, key, initialiser, data, examples, features, classes, "
            "seconds, probe_seconds, activation_seconds, diverged, test_loss, test_accuracy) "
            "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)")
      .bind(run.session)
      .bind(run.key)
      .bind(run.initialiser)
      .bind(run.data)
      .bind(run.examples)
      .bind(run.features)
      .bind(run.classes)
      .bind(run.seconds)
      .bind(run.probe_seconds)
      .bind(run.activation_seconds)
      .bind(run.diverged ? 1 : 0)
      .bind(run.test_loss)
      .bind(run.test_accuracy)
      .run();
  const std::int64_t id = sqlite3_last_insert_rowid(connection.handle());
  Statement curve(connection, "INSERT INTO curves VALUES(?,?,?,?,?,?,?)");
  for (const auto& point : run.curve)
    curve.bind(id)
        .bind(point.step)
        .bind(point.seconds)
        .bind(point.train_loss)
        .bind(point.train_accuracy)
        .bind(point.held_loss)
        .bind(point.held_accuracy)
        .run();
  Statement targets(connection, "INSERT INTO targets VALUES(?,?,?,?)");
  for (const auto& target : run.targets)
    targets.bind(id).bind(target.loss).bind(target.step).bind(target.seconds).run();
  Statement measures(connection,
                     "INSERT INTO measures(run, probe, step, layer, value) VALUES(?,?,?,?,?)");
  try {
    for (const auto& measure : run.measures)
      measures.bind(id)
          .bind(database_->probe_id(measure.probe))
          .bind(measure.step)
          .bind(measure.layer)
          .bind(measure.value)
          .run();
  } catch (...) {
    database_->probe_ids.clear();  // the names made in this transaction go with it
    throw;
  }
  transaction.commit();
  return id;
}

void Store::set_wanted(const std::vector<RunSpec>& runs) {
  auto& connection = database_->connection;
  Transaction transaction(connection);
  connection.execute("DELETE FROM grid");
  Statement insert(connection, "INSERT OR IGNORE INTO grid(key, tuning) VALUES(?,?)");
  for (const auto& run : runs) insert.bind(canonical_key(run)).bind(run.tuning ? 1 : 0).run();
  transaction.commit();
}

std::vector<Session> Store::sessions() const {
  std::vector<Session> result;
  Statement row(database_->connection,
                "SELECT id, started, version, study, title, description, report, spec, processor, "
                "target, cores, threads FROM sessions ORDER BY id");
  while (row.step()) {
    Session session;
    session.id = row.integer();
    session.started = row.text();
    session.version = row.text();
    session.study = row.text();
    session.title = row.text();
    session.description = row.text();
    session.report = row.text();
    session.spec = row.text();
    session.processor = row.text();
    session.target = row.text();
    session.cores = row.small();
    session.threads = row.small();
    result.push_back(session);
  }
  return result;
}

std::set<std::string> Store::finished() const {
  std::set<std::string> keys;
  Statement row(database_->connection, "SELECT key FROM runs");
  while (row.step()) keys.insert(row.text());
  return keys;
}

int Store::planned() const {
  return static_cast<int>(
      database_->connection.number("SELECT count(*) FROM grid WHERE tuning = 0"));
}

std::vector<RunSpec> Store::planned_runs() const {
  std::vector<RunSpec> specs;
  Statement row(database_->connection, "SELECT key FROM grid WHERE tuning = 0 ORDER BY position");
  while (row.step()) specs.push_back(run_from_key(row.text()));
  return specs;
}

std::vector<Run> Store::Database::runs(bool tuning) {
  std::vector<Run> result;
  Statement row(connection, (std::string(kRunColumns) +
                             "JOIN grid USING(key) WHERE tuning = ? ORDER BY position")
                                .c_str());
  row.bind(tuning ? 1 : 0);
  while (row.step()) {
    result.push_back(read_run(row));
    complete(result.back());
  }
  return result;
}

std::vector<Run> Store::runs() const { return database_->runs(false); }

std::vector<Run> Store::tuning_runs() const { return database_->runs(true); }

bool Store::chooses() const {
  return database_->connection.number("SELECT count(*) FROM grid WHERE tuning = 1") > 0;
}

std::optional<Run> Store::find(const std::string& key) const {
  Statement row(database_->connection, (std::string(kRunColumns) + "WHERE key = ?").c_str());
  if (!row.bind(key).step()) return std::nullopt;
  Run run = read_run(row);
  database_->complete(run);
  return run;
}

Run Store::run(std::int64_t id) const {
  Statement row(database_->connection, (std::string(kRunColumns) + "WHERE id = ?").c_str());
  if (!row.bind(id).step())
    throw Error(path() + ": no run " + std::to_string(id) + " in this store");
  Run run = read_run(row);
  database_->complete(run);
  run.curve = curve(id);
  run.measures = measures(id);
  return run;
}

std::vector<CurvePoint> Store::curve(std::int64_t run) const {
  std::vector<CurvePoint> points;
  Statement row(database_->connection,
                "SELECT step, seconds, train_loss, train_accuracy, held_loss, held_accuracy "
                "FROM curves WHERE run = ? ORDER BY step");
  row.bind(run);
  while (row.step()) points.push_back(read_point(row));
  return points;
}

namespace {
std::vector<Measure> read_measures(Statement& row) {
  std::vector<Measure> result;
  while (row.step()) {
    Measure measure;
    measure.step = row.small();
    measure.layer = row.small();
    measure.probe = row.text();
    measure.value = row.real();
    result.push_back(std::move(measure));
  }
  return result;
}
}  // namespace

std::vector<Measure> Store::measures(std::int64_t run) const {
  Statement row(database_->connection,
                "SELECT step, layer, name, value FROM measures JOIN probes ON probe = probes.id "
                "WHERE run = ? ORDER BY step, layer, name");
  row.bind(run);
  return read_measures(row);
}

std::vector<Measure> Store::measures(std::int64_t run, const std::string& probe) const {
  Statement row(database_->connection,
                "SELECT step, layer, name, value FROM measures JOIN probes ON probe = probes.id "
                "WHERE run = ? AND name = ? ORDER BY step, layer");
  row.bind(run).bind(probe);
  return read_measures(row);
}

std::vector<std::string> Store::probes() const {
  std::vector<std::string> names;
  Statement row(database_->connection, "SELECT name FROM probes ORDER BY name");
  while (row.step()) names.push_back(row.text());
  return names;
}

}  // namespace gradkeep::lab
