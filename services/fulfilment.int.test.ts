import { sqliteDatabases } from './common/database/test-databases.ts';
import { fulfilmentContract } from './fulfilment.contract.ts';

fulfilmentContract(sqliteDatabases);
